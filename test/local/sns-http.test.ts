import { createVerify, X509Certificate } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import { isHere } from "../../local/services/sns/http.ts";
import { type RunningSns, startSns, subscription, topic, topicArn } from "./sns-fixture.ts";
import { queue, queueArn } from "./sqs-harness.ts";

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that notes what it is sent, and answers with the next of `answers`, then 200. */
const listen = async (answers: number[] = []) => {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    calls.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(answers.shift() ?? 200, { location: "http://127.0.0.1:1/" }).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const of = (type: string) => calls.filter(({ headers }) => headers["x-amz-sns-message-type"] === type);
  const close = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url, calls, of, close, answers };
};

let cloud: RunningSns;
let hook: Awaited<ReturnType<typeof listen>>;
beforeEach(async () => {
  hook = await listen();
});
afterEach(async () => {
  await cloud.stop();
  await hook.close();
});

const TopicArn = topicArn("news");
const start = async (resources: Resource[] = [topic("news")]) => {
  cloud = await startSns(resources);
};
const publish = (Message: string) => cloud.sns.send(new PublishCommand({ TopicArn, Message, Subject: "S" }));
const subscribe = async (Attributes: Record<string, string> = {}, Endpoint = hook.url) => {
  const Protocol = Endpoint.split(":")[0];
  const { SubscriptionArn } = await cloud.sns.send(
    new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn: true }),
  );
  return SubscriptionArn ?? "";
};
const asked = async () => {
  await vi.waitFor(() => expect(hook.of("SubscriptionConfirmation")).toHaveLength(1));
  return JSON.parse(hook.of("SubscriptionConfirmation")[0]?.body ?? "");
};
const confirmed = async (Attributes: Record<string, string> = {}) => {
  const arn = await subscribe(Attributes);
  expect((await fetch((await asked()).SubscribeURL)).status).toBe(200);
  return arn;
};

/** Verifies as AWS's guide for developers says: the fields in order, the certificate from where the message says. */
const verify = async (document: Record<string, string>) => {
  const names =
    document.Type === "Notification"
      ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
      : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
  const text = names
    .filter((name) => document[name] !== undefined)
    .map((name) => `${name}\n${document[name]}\n`);
  const pem = await (await fetch(document.SigningCertURL ?? "")).text();
  const key = new X509Certificate(pem).publicKey;
  const algorithm = document.SignatureVersion === "2" ? "RSA-SHA256" : "RSA-SHA1";
  return createVerify(algorithm)
    .update(text.join(""))
    .verify(key, document.Signature ?? "", "base64");
};

describe("An HTTP subscription", () => {
  test("is asked first, and gets messages once its link was followed, with SNS's headers", async () => {
    await start();
    const arn = await subscribe();
    await publish("too early");
    const question = await asked();
    expect(question).toMatchObject({ Type: "SubscriptionConfirmation", TopicArn });
    expect(question.SubscribeURL).toContain(`Token=${question.Token}`);
    expect(await (await fetch(question.SubscribeURL)).text()).toContain(arn);
    await fetch(question.SubscribeURL); // twice does no harm
    const { MessageId } = await publish("hello");
    await vi.waitFor(() => expect(hook.of("Notification")).toHaveLength(1));
    expect(hook.of("Notification")[0]?.headers).toMatchObject({
      "content-type": "text/plain; charset=UTF-8",
      "user-agent": "Amazon Simple Notification Service Agent",
      "x-amz-sns-message-id": MessageId,
      "x-amz-sns-topic-arn": TopicArn,
      "x-amz-sns-subscription-arn": arn,
    });
    expect(JSON.parse(hook.of("Notification")[0]?.body ?? "").Message).toBe("hello");
    const { Attributes } = await cloud.sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }),
    );
    expect(Attributes).toMatchObject({ PendingConfirmation: "false", ConfirmationWasAuthenticated: "false" });
  });

  test.each(["1", "2"])(
    "gets signatures of version %s that verify by the certificate they name",
    async (signatureVersion) => {
      await start([
        topic("news", { signatureVersion }),
        queue("inbox"),
        subscription("news", "sqs", queueArn("inbox")),
      ]);
      const question = await asked_(subscribe());
      expect(question.SignatureVersion).toBe(signatureVersion);
      expect(await verify(question)).toBe(true);
      await publish("hello");
      const notification = JSON.parse((await cloud.take("inbox"))[0]?.Body ?? "");
      expect(await verify(notification)).toBe(true);
      expect(await verify({ ...notification, Message: "forged" })).toBe(false);
    },
  );
  const asked_ = async (subscribing: Promise<string>) => {
    await subscribing;
    return asked();
  };

  test("gets the text alone when raw, of the type its policy states", async () => {
    await start();
    await confirmed({
      RawMessageDelivery: "true",
      DeliveryPolicy: JSON.stringify({ requestPolicy: { headerContentType: "text/csv" } }),
    });
    await publish("a,b");
    await vi.waitFor(() => expect(hook.of("Notification")).toHaveLength(1));
    const [{ headers, body } = { headers: {}, body: "" }] = hook.of("Notification");
    expect(body).toBe("a,b");
    expect(headers).toMatchObject({ "x-amz-sns-rawdelivery": "true", "content-type": "text/csv" });
  });

  test("that fails is tried again as its policy says, then goes to the dead-letter queue", async () => {
    await start([topic("news"), queue("lost")]);
    await confirmed({
      DeliveryPolicy: JSON.stringify({
        healthyRetryPolicy: { numRetries: 2, minDelayTarget: 5, maxDelayTarget: 5 },
      }),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("lost") }),
    });
    hook.answers.push(503, 429, 500);
    await publish("hello");
    for (const attempts of [1, 2, 3]) {
      await vi.waitFor(() => expect(hook.of("Notification")).toHaveLength(attempts));
      await vi.waitFor(() => expect(hook.answers).toHaveLength(3 - attempts));
      // The answer may still be on its way when the clock moves: each step is moved until it is seen.
      if (attempts < 3)
        await vi.waitFor(() => {
          cloud.clock.advance(5_000);
          expect(hook.of("Notification").length).toBeGreaterThan(attempts);
        });
    }
    const [letter] = await cloud.take("lost");
    expect(JSON.parse(letter?.Body ?? "").Message).toBe("hello");
  });

  test.each([404, 302])("that answers %d is not tried again", async (status) => {
    await start();
    await confirmed();
    hook.answers.push(status);
    await publish("hello");
    await vi.waitFor(() =>
      expect(cloud.printed.join()).toContain(`HTTP ${status} (no dead-letter queue: dropped)`),
    );
    cloud.clock.advance(3_600_000);
    expect(hook.of("Notification")).toHaveLength(1);
  });

  test("is told when it was unsubscribed, and may come back", async () => {
    await start();
    const arn = await confirmed();
    await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
    await vi.waitFor(() => expect(hook.of("UnsubscribeConfirmation")).toHaveLength(1));
    const farewell = JSON.parse(hook.of("UnsubscribeConfirmation")[0]?.body ?? "");
    expect(farewell.Message).toContain(`You have chosen to deactivate subscription ${arn}`);
    expect(await verify(farewell)).toBe(true);
    const list = () => cloud.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    expect((await list()).Subscriptions).toEqual([]);
    expect((await fetch(farewell.SubscribeURL)).status).toBe(200);
    expect((await list()).Subscriptions).toMatchObject([{ SubscriptionArn: arn }]);
    expect((await fetch(farewell.SubscribeURL)).status).toBe(200);
  });

  test("may be ended by the link in its messages, unless it was confirmed to ask for a signature", async () => {
    await start();
    const arn = await subscribe();
    const { Token } = await asked();
    await cloud.sns.send(
      new ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe: "true" }),
    );
    await publish("hello");
    await vi.waitFor(() => expect(hook.of("Notification")).toHaveLength(1));
    const { UnsubscribeURL } = JSON.parse(hook.of("Notification")[0]?.body ?? "");
    expect((await fetch(UnsubscribeURL)).status).toBe(403);
    await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
  });

  test("is asked again when it could not listen yet", async () => {
    await start();
    hook.answers.push(503);
    await subscribe();
    await vi.waitFor(() => {
      cloud.clock.advance(20_000);
      expect(hook.of("SubscriptionConfirmation")).toHaveLength(2);
    });
  });

  test.each([
    ["http://%zz@127.0.0.1:1/", {}],
    ["http://127.0.0.1:1/", { requestPolicy: { headerContentType: "a\nb" } }],
  ])("to %s with %j fails by name, and breaks nothing", async (endpoint, policy) => {
    await start();
    const arn = await subscribe({ DeliveryPolicy: JSON.stringify(policy) }, endpoint);
    await cloud.act("confirm", { subscriptionArn: arn });
    await publish("hello");
    const gone = () => {
      cloud.clock.advance(60_000);
      expect(cloud.printed.join()).toMatch(/URIError|Invalid character/);
    };
    await vi.waitFor(gone);
  });

  test("of a stack is asked at every start until it has said yes", async () => {
    await start([topic("news"), subscription("news", "http", hook.url)]);
    expect(await asked()).toMatchObject({ TopicArn });
  });
});

describe("Only this machine", () => {
  test.each([
    ["http://127.0.0.1:80/", true],
    ["https://localhost/x", true],
    ["http://app.localhost:3000/", true],
    ["http://[::1]:80/", true],
    ["http://127.1/", true],
    ["http://example.com/", false],
    ["http://127.0.0.1.example.com/", false],
    ["http://localhost.example.com/", false],
    ["http://user@169.254.169.254/latest", false],
    ["http://10.0.0.1/", false],
    ["http://0.0.0.0/", false],
    ["http://[::ffff:10.0.0.1]/", false],
    ["ftp://127.0.0.1/", false],
    ["nonsense", false],
  ])("%s: %s", (url, here) => {
    expect(isHere(url)).toBe(here);
  });

  test("is called: what would have gone elsewhere is in the outbox, and can be confirmed there", async () => {
    await start();
    const arn = await subscribe({}, "https://example.com/hook");
    expect(cloud.outbox()).toMatchObject([
      {
        kind: "http",
        to: "https://example.com/hook",
        status: "failed",
        reason: "Not called: only addresses of this machine are",
      },
    ]);
    await cloud.act("confirm", { subscriptionArn: arn });
    await publish("hello");
    await vi.waitFor(() => expect(cloud.outbox()).toHaveLength(2));
    expect(JSON.parse(cloud.outbox()[1]?.body ?? "").Message).toBe("hello");
  });
});
