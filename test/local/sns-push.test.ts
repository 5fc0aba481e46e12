import {
  CheckIfPhoneNumberIsOptedOutCommand,
  CreatePlatformApplicationCommand,
  CreatePlatformEndpointCommand,
  DeleteEndpointCommand,
  GetEndpointAttributesCommand,
  GetPlatformApplicationAttributesCommand,
  GetSMSAttributesCommand,
  ListEndpointsByPlatformApplicationCommand,
  ListPhoneNumbersOptedOutCommand,
  OptInPhoneNumberCommand,
  PublishCommand,
  SetEndpointAttributesCommand,
  SetPlatformApplicationAttributesCommand,
  SetSMSAttributesCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterEach, describe, expect, test, vi } from "vitest";
import { killed, type RunningSns, startSns, subscription, topic, topicArn } from "./sns-fixture.ts";
import { queue, queueArn, resource, temporaryDirectory } from "./sqs-harness.ts";

let cloud: RunningSns;
const folders: { remove(): void }[] = [];
const kept = <T extends { remove(): void }>(folder: T): T => {
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  await cloud.stop();
  for (const folder of folders.splice(0)) folder.remove();
});

const PHONE = "+491511234567";
const APNS_TOKEN = "a".repeat(64);
const appArn = (kind: string, name = "app") => `arn:aws:sns:eu-central-1:000000000000:app/${kind}/${name}`;
const app = (kind: string, inputs = {}) =>
  resource(
    "aws:sns/platformApplication:PlatformApplication",
    `App${kind}`,
    { name: "app", platform: kind, platformCredential: "secret", ...inputs },
    { arn: appArn(kind) },
    appArn(kind),
  );
const register = async (kind: string, Token: string, more = {}) =>
  (
    await cloud.sns.send(
      new CreatePlatformEndpointCommand({ PlatformApplicationArn: appArn(kind), Token, ...more }),
    )
  ).EndpointArn ?? "";
const publish = (TargetArn: string, Message: string, more = {}) =>
  cloud.sns.send(new PublishCommand({ TargetArn, Message, ...more }));
const enabled = async (EndpointArn: string) =>
  (await cloud.sns.send(new GetEndpointAttributesCommand({ EndpointArn }))).Attributes?.Enabled;

describe("A platform endpoint", () => {
  test("is one for a token, however often and at once it is made", async () => {
    cloud = await startSns([app("GCM")]);
    const arns = await Promise.all(Array.from({ length: 20 }, () => register("GCM", "token-1")));
    expect(new Set(arns).size).toBe(1);
    expect(arns[0]).toMatch(/:endpoint\/GCM\/app\/[0-9a-f-]{36}$/);
    await expect(register("GCM", "token-1", { CustomUserData: "other" })).rejects.toThrow(
      `Invalid parameter: Token Reason: Endpoint ${arns[0]} already exists with the same Token, but different attributes.`,
    );
    const { Endpoints } = await cloud.sns.send(
      new ListEndpointsByPlatformApplicationCommand({ PlatformApplicationArn: appArn("GCM") }),
    );
    expect(Endpoints).toMatchObject([
      { EndpointArn: arns[0], Attributes: { Enabled: "true", Token: "token-1" } },
    ]);
  });

  test("gets what the message says for its platform, else the text as SNS wraps it", async () => {
    cloud = await startSns([app("APNS"), app("GCM")]);
    const [apple, google] = [await register("APNS", APNS_TOKEN), await register("GCM", "g")];
    const own = JSON.stringify({ aps: { alert: "hi", badge: 3 } });
    const Message = JSON.stringify({ default: "plain", APNS: own });
    const attributes = { "AWS.SNS.MOBILE.APNS.TTL": { DataType: "Number", StringValue: "60" } };
    await publish(apple, Message, { MessageStructure: "json", MessageAttributes: attributes });
    await publish(google, Message, { MessageStructure: "json" });
    expect(cloud.outbox()).toMatchObject([
      {
        kind: "push",
        to: apple,
        status: "sent",
        body: own,
        detail: { platform: "APNS", token: APNS_TOKEN, attributes: { "AWS.SNS.MOBILE.APNS.TTL": "60" } },
      },
      { kind: "push", to: google, body: '{"data":{"default":"plain"}}' },
    ]);
    const broken = JSON.stringify({ default: "x", APNS: "not json" });
    await publish(apple, broken, { MessageStructure: "json" });
    await publish(apple, JSON.stringify({ default: "x", APNS: JSON.stringify({ a: "x".repeat(4_097) }) }), {
      MessageStructure: "json",
    });
    expect(cloud.outbox(2)).toMatchObject([
      { status: "failed", reason: expect.stringContaining("malformed") },
      { status: "failed", reason: expect.stringContaining("more than 4096 bytes") },
    ]);
  });

  test("that is disabled refuses messages until it is enabled again", async () => {
    cloud = await startSns([app("GCM")]);
    const arn = await register("GCM", "token-1");
    await cloud.act("disableEndpoint", { endpointArn: arn });
    await expect(publish(arn, "x")).rejects.toMatchObject({
      name: "EndpointDisabledException",
      message: "Endpoint is disabled",
    });
    await cloud.sns.send(
      new SetEndpointAttributesCommand({
        EndpointArn: arn,
        Attributes: { Enabled: "true", Token: "token-2" },
      }),
    );
    await publish(arn, "x");
    expect(cloud.outbox()).toMatchObject([{ status: "sent", detail: { token: "token-2" } }]);
    expect(await register("GCM", "token-2")).toBe(arn);
    expect(await register("GCM", "token-1")).not.toBe(arn);
  });

  test("whose token its platform does not know is disabled by the first message, and the app's topic is told", async () => {
    cloud = await startSns([
      topic("failures"),
      queue("told"),
      subscription("failures", "sqs", queueArn("told"), { rawMessageDelivery: true }),
      app("GCM", { eventDeliveryFailureTopicArn: topicArn("failures") }),
    ]);
    const arn = await register("GCM", "invalid-token");
    await publish(arn, "x");
    expect(await enabled(arn)).toBe("false");
    expect(cloud.outbox()).toMatchObject([
      { status: "failed", reason: expect.stringContaining("not valid") },
    ]);
    await expect(publish(arn, "x")).rejects.toThrow("Endpoint is disabled");
    expect(JSON.parse((await cloud.take("told"))[0]?.Body ?? "")).toMatchObject({
      EventType: "DeliveryFailure",
      EndpointArn: arn,
      FailureType: "InvalidPlatformToken",
      Resource: appArn("GCM"),
      Service: "SNS",
    });
  });

  test("is reached through a topic, and a disabled one there fails alone", async () => {
    cloud = await startSns([topic("news"), app("GCM")]);
    const [a, b] = [await register("GCM", "a"), await register("GCM", "b")];
    for (const Endpoint of [a, b])
      await cloud.sns.send(
        new SubscribeCommand({ TopicArn: topicArn("news"), Protocol: "application", Endpoint }),
      );
    await cloud.sns.send(
      new SetEndpointAttributesCommand({ EndpointArn: a, Attributes: { Enabled: "false" } }),
    );
    await cloud.sns.send(new PublishCommand({ TopicArn: topicArn("news"), Message: "hello" }));
    await vi.waitFor(() => expect(cloud.outbox()).toHaveLength(2));
    expect(cloud.outbox().find(({ to }) => to === a)).toMatchObject({
      status: "failed",
      reason: "Endpoint is disabled",
    });
    expect(cloud.outbox().find(({ to }) => to === b)).toMatchObject({ status: "sent" });
  });

  test("is refused with a token or attributes that AWS refuses, and is gone once deleted", async () => {
    cloud = await startSns([app("APNS"), app("GCM")]);
    await expect(register("APNS", "not hex")).rejects.toThrow(
      "iOS device tokens must be no more than 400 hexadecimal characters",
    );
    await expect(register("GCM", "t", { CustomUserData: "x".repeat(2_049) })).rejects.toThrow(
      "CustomUserData",
    );
    const arn = await register("GCM", "t");
    const set = (Attributes: Record<string, string>) =>
      cloud.sns.send(new SetEndpointAttributesCommand({ EndpointArn: arn, Attributes }));
    await expect(set({ Enabled: "maybe" })).rejects.toThrow("Invalid value for attribute: Enabled: maybe");
    await expect(set({ Wrong: "x" })).rejects.toThrow("Unknown attribute Wrong");
    for (let i = 0; i < 2; i++) await cloud.sns.send(new DeleteEndpointCommand({ EndpointArn: arn }));
    await expect(enabled(arn)).rejects.toMatchObject({
      name: "NotFoundException",
      message: "Endpoint does not exist",
    });
    await expect(publish(arn, "x")).rejects.toThrow("No endpoint found for the target arn specified");
  });
});

describe("A platform application", () => {
  test("is made by API, shows no credentials, and refuses while it is disabled", async () => {
    cloud = await startSns([]);
    const create = (Attributes: Record<string, string>) =>
      cloud.sns.send(new CreatePlatformApplicationCommand({ Name: "app", Platform: "GCM", Attributes }));
    await expect(create({})).rejects.toThrow("PlatformCredential");
    const { PlatformApplicationArn } = await create({ PlatformCredential: "very secret" });
    expect(PlatformApplicationArn).toBe(appArn("GCM"));
    const { Attributes } = await cloud.sns.send(
      new GetPlatformApplicationAttributesCommand({ PlatformApplicationArn }),
    );
    expect(JSON.stringify(Attributes)).not.toContain("secret");
    const arn = await register("GCM", "t");
    await cloud.sns.send(
      new SetPlatformApplicationAttributesCommand({
        PlatformApplicationArn,
        Attributes: { Enabled: "false" },
      }),
    );
    await expect(publish(arn, "x")).rejects.toMatchObject({ name: "PlatformApplicationDisabledException" });
  });
});

describe("A text message", () => {
  const text = (Message: string, more = {}) =>
    cloud.sns.send(new PublishCommand({ PhoneNumber: PHONE, Message, ...more }));

  test("goes to the outbox with its sender, type and parts", async () => {
    cloud = await startSns([]);
    await cloud.sns.send(new SetSMSAttributesCommand({ attributes: { DefaultSMSType: "Transactional" } }));
    await text("hello", {
      MessageAttributes: { "AWS.SNS.SMS.SenderID": { DataType: "String", StringValue: "Shop" } },
    });
    expect(cloud.outbox()).toMatchObject([
      {
        kind: "sms",
        to: PHONE,
        body: "hello",
        status: "sent",
        detail: { type: "Transactional", senderId: "Shop", parts: 1 },
      },
    ]);
    expect((await cloud.sns.send(new GetSMSAttributesCommand({}))).attributes).toEqual({
      DefaultSMSType: "Transactional",
    });
    await expect(text("x", { PhoneNumber: "+1a234" })).rejects.toThrow(
      "Invalid parameter: PhoneNumber Reason: +1a234 is not valid to publish to",
    );
    await expect(text("x".repeat(1_601))).rejects.toThrow("Message too long");
  });

  test("is kept from a phone that opted out, until it is opted in, once in thirty days", async () => {
    cloud = await startSns([]);
    const out = async () =>
      (await cloud.sns.send(new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber: PHONE }))).isOptedOut;
    const optIn = () => cloud.sns.send(new OptInPhoneNumberCommand({ phoneNumber: PHONE }));
    await cloud.act("optOut", { phoneNumber: PHONE });
    await text("unwanted");
    expect(cloud.outbox()).toMatchObject([{ status: "failed", reason: "Phone number is opted out" }]);
    expect((await cloud.sns.send(new ListPhoneNumbersOptedOutCommand({}))).phoneNumbers).toEqual([PHONE]);
    await optIn();
    expect(await out()).toBe(false);
    await cloud.act("optOut", { phoneNumber: PHONE });
    await expect(optIn()).rejects.toThrow("once every 30 days");
    cloud.clock.advance(30 * 86_400_000 + 1);
    await optIn();
    expect(await out()).toBe(false);
  });

  test("reaches those who subscribed by phone, in the words for phones", async () => {
    cloud = await startSns([topic("news"), subscription("news", "sms", PHONE)]);
    await cloud.sns.send(
      new PublishCommand({
        TopicArn: topicArn("news"),
        MessageStructure: "json",
        Message: JSON.stringify({ default: "long", sms: "short" }),
      }),
    );
    await vi.waitFor(() => expect(cloud.outbox()).toMatchObject([{ kind: "sms", to: PHONE, body: "short" }]));
  });
});

describe("The outbox", () => {
  test("keeps the latest five hundred, and is there after a kill with endpoints and opt-outs", async () => {
    const data = kept(temporaryDirectory());
    cloud = await startSns([app("GCM")], { dataDir: data.path });
    const arn = await register("GCM", "t");
    await cloud.act("optOut", { phoneNumber: PHONE });
    for (let i = 0; i < 510; i++) await cloud.act("publish", { targetArn: arn, message: String(i) });
    const copy = kept(killed(data.path));
    await cloud.stop();
    cloud = await startSns([app("GCM")], { dataDir: copy.path });
    const entries = cloud.outbox();
    expect([entries.length, entries[0]?.id, entries.at(-1)?.id]).toEqual([500, 11, 510]);
    expect(cloud.view("endpoints")).toMatchObject([{ arn, enabled: true, token: "t" }]);
    expect((await cloud.sns.send(new ListPhoneNumbersOptedOutCommand({}))).phoneNumbers).toEqual([PHONE]);
  });

  test("is damaged by name", async () => {
    const data = kept(temporaryDirectory());
    cloud = await startSns([], { dataDir: data.path });
    await cloud.stop();
    const { writeFileSync } = await import("node:fs");
    writeFileSync(`${data.path}/sns/log.jsonl`, "nonsense\n");
    await expect(startSns([], { dataDir: data.path })).rejects.toThrow(/sns\/log\.jsonl is damaged.*--reset/);
    cloud = await startSns([]);
  });
});
