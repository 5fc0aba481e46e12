import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Rule } from "../../local/faults/rule.schema.ts";
import { byType } from "../../local/graph/graph.ts";
import type { Running } from "../../local/start.ts";
import { startApp } from "../kit/app.ts";
import { createClient, many } from "./client.ts";

const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36";
const SEED = 20_261_124;
const VISITS = 150;
const MINUTE_MS = 60_000;

const chance = { probability: 0.2 };
const rules: readonly Rule[] = [
  {
    id: "throttled",
    on: { operation: ["*Item", "Query", "Put*", "Send*"] },
    when: chance,
    fault: { kind: "throttle" },
  },
  {
    id: "unheard",
    on: { operation: ["*Item", "Query", "Put*", "Send*"] },
    when: chance,
    fault: { kind: "drop" },
  },
  {
    id: "asked-twice",
    on: { operation: ["Queue", "Consume", "Deliver"] },
    when: chance,
    fault: { kind: "duplicate" },
  },
  {
    id: "dead-at-the-end",
    on: { operation: "Run" },
    when: chance,
    fault: { kind: "crash", effect: "after" },
  },
  {
    id: "dead-at-the-start",
    on: { operation: "Run" },
    when: { probability: 0.1 },
    fault: { kind: "crash", effect: "before" },
  },
];

let app: Running;
let sqs: SQSClient;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  app = await startApp();
  const { accessKeyId, secretAccessKey } = app.cloud.credentials.developer;
  const { endpoint, graph } = app.cloud;
  const config = { endpoint, region: graph.region, credentials: { accessKeyId, secretAccessKey } };
  [sqs, logs] = [new SQSClient(config), new CloudWatchLogsClient(config)];
});
afterAll(async () => {
  sqs.destroy();
  logs.destroy();
  await app.stop();
});

const spec = (component: string) => {
  const found = app.cloud.graph.functions.find((fn) => fn.component === component);
  if (!found) throw new Error(`No function ${component}`);
  return found;
};

/** Clicks as their log lines say: each line is one, whoever saw the answer. */
const loggedClicks = async (link: string) => {
  const lines = new Set<string>();
  let nextToken: string | undefined;
  do {
    const page = await logs.send(
      new FilterLogEventsCommand({
        logGroupName: spec("ShortenerRedirect").logGroup,
        filterPattern: '{ $.event = "link.clicked" }',
        ...(nextToken ? { nextToken } : {}),
      }),
    );
    for (const { message = "{}" } of page.events ?? []) {
      const click = JSON.parse(message) as { link: string; bucket: string; n: number };
      if (click.link === link) lines.add(`${click.bucket}/${click.n}`);
    }
    ({ nextToken } = page);
  } while (nextToken);
  return lines.size;
};

/** Does what an operator does with events that failed too often: runs each again, from where they were sent. */
const redrive = async () => {
  const queue = byType(app.cloud.graph, "aws:sqs/queue:Queue").find(
    ({ outputs }) => outputs.arn === spec("ShortenerCountClicks").async.onFailureArn,
  );
  const QueueUrl = `${app.cloud.endpoint}/${app.cloud.graph.accountId}/${String(queue?.outputs.name)}`;
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return;
    for (const { Body = "{}", ReceiptHandle } of Messages) {
      const { requestContext, requestPayload } = JSON.parse(Body);
      if (requestPayload) await app.lambda.invokeAsync(requestContext.functionArn, requestPayload);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
};

/** Lets time pass until no function is busy and no event waits any more. */
const quiet = async () => {
  for (let minutes = 0; minutes < 12; minutes++) {
    app.cloud.clock.advance(MINUTE_MS);
    const idle = () => app.lambda.stats().every(({ busy, queued }) => busy + queued === 0);
    await expect.poll(idle, { timeout: 20_000, interval: 50 }).toBe(true);
  }
};

it("while a fifth of everything is throttled, unheard, repeated or dies, no click is lost or doubled", async () => {
  const owner = createClient(app, await app.tokenOf("owner@tenfold.example"));
  app.cloud.faults.seed(SEED);
  for (const rule of rules) app.cloud.faults.add(rule);

  // Whoever hears nothing asks again: one link, however often it takes.
  const until = async <T extends { status: number }>(ask: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      const answer = await ask();
      if (answer.status < 500 || tries === 20) return answer;
    }
  };
  const links = await many(10, 5, (n) =>
    until(() => owner.shorten({ url: `https://example.org/rough/${n}` })),
  );
  expect(links.map(({ status }) => status).filter((status) => status !== 200 && status !== 201)).toEqual([]);
  expect(new Set(links.map(({ hash }) => hash)).size).toBe(10);

  const hash = links[0]?.hash;
  const id = String(links[0]?.json.id);
  const visits = await many(VISITS, 10, () =>
    fetch(`${app.url}/${hash}`, { redirect: "manual", headers: { "user-agent": BROWSER } }),
  );
  const followed = visits.filter(({ status }) => status === 302).length;
  expect(followed).toBeGreaterThan(VISITS / 3);
  expect(followed).toBeLessThan(VISITS);
  await quiet();
  const struck = app.cloud.faults.list();

  app.cloud.faults.clear();
  await redrive();
  await quiet();
  expect(struck.filter(({ injected }) => injected === 0)).toEqual([]);

  const logged = await loggedClicks(id);
  expect(logged).toBeGreaterThanOrEqual(followed);
  const clicks = async () => (await owner.get(`/api/v1/links/${hash}/stats`)).json.clicks;
  await expect.poll(clicks, { timeout: 20_000 }).toBe(logged);
});
