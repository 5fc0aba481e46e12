import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import { systemClock } from "../../local/kit/clock.ts";
import { createLogs, type LogsService } from "../../local/services/logs/logs.ts";
import {
  accountId,
  arnOf,
  deployed,
  graphOf,
  logGroup,
  region,
  specOf,
  startHost,
  until,
} from "../fixtures/lambda/host.ts";

const filter = (name: string, logGroup: string, filterPattern: string, destination: string): Resource => ({
  urn: `urn:${name}`,
  type: "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
  name,
  id: name,
  inputs: { name, logGroup, filterPattern, destinationArn: arnOf(destination) },
  outputs: {},
});

interface Packed {
  readonly messageType: string;
  readonly owner: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly subscriptionFilters: string[];
  readonly logEvents: { id: string; timestamp: number; message: string }[];
}
const unpack = (event: unknown): Packed => {
  const { data } = (event as { awslogs: { data: string } }).awslogs;
  return JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString()) as Packed;
};

describe("what functions write", () => {
  const writer = specOf("logs", { logGroup: "/app/a" });
  const subscriber = specOf("subscriber");
  let host: Awaited<ReturnType<typeof startHost>>;
  let logs: LogsService;
  const lambda = () => host.lambda;

  const start = async (...filters: Resource[]) => {
    const resources = [logGroup("/app/a"), ...filters, deployed(writer), deployed(subscriber)];
    const clock = systemClock();
    const graph = graphOf([writer, subscriber], resources);
    const cloud = {
      graph,
      clock,
      get lambda() {
        return lambda();
      },
      print() {},
    };
    logs = createLogs(cloud);
    host = await startHost([writer, subscriber], { resources, clock, logs });
  };
  const messages = (logGroupName: string, pattern = "") =>
    logs
      .handle({
        method: "POST",
        path: "/",
        query: new URLSearchParams(),
        headers: { "x-amz-target": "Logs_20140328.FilterLogEvents" },
        body: Buffer.from(JSON.stringify({ logGroupName, filterPattern: pattern })),
        region,
        requestId: "r",
      })
      .then(({ body }) => (JSON.parse(String(body)) as { events: { message: string }[] }).events)
      .then((events) => events.map(({ message }) => JSON.parse(message) as Record<string, unknown>));

  afterEach(async () => {
    await logs.stop?.();
    await host.stop();
  });

  test("is shipped as Lambda's JSON logs, at the function's level", async () => {
    await start();
    const { requestId } = await host.lambda.invoke(arnOf("logs"), { text: "x" });
    const lines = await messages("/app/a");
    expect(lines.map(({ type, level, message }) => type ?? [level, message])).toEqual([
      "platform.initStart",
      "platform.start",
      ["INFO", "plain 1"],
      ["ERROR", expect.stringMatching(/^failed TypeError: wrong type/)],
      ["INFO", { nested: { text: "x" } }],
      ["WARN", "own json"],
      ["INFO", "bare text"],
      "platform.report",
    ]);
    expect(lines[2]).toMatchObject({ requestId, timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
    expect(lines[3]).toMatchObject({ errorType: "TypeError", errorMessage: "wrong type" });
    expect(lines[7]).toMatchObject({
      record: {
        requestId,
        status: "success",
        metrics: {
          durationMs: expect.any(Number),
          billedDurationMs: expect.any(Number),
          memorySizeMB: 256,
          maxMemoryUsedMB: expect.any(Number),
          initDurationMs: expect.any(Number),
        },
      },
    });
  });

  test("reaches a subscribed function in one batch per stream, zipped as AWS does", async () => {
    await start(filter("clicks", "/app/a", '{ $.message = "own json" && $.text = click* }', "subscriber"));
    for (const text of ["click 1", "view", "click 2", "click 3"])
      await host.lambda.invoke(arnOf("logs"), { text });
    host.clock.advance(1_000);
    await until(() => host.printed.some((line) => line.includes("subscriber")), "the batch");
    const [record] = await messages("/aws/lambda/subscriber", "{ $.message = *logEvents* }");
    const batch = JSON.parse(String(record?.message)) as Packed;
    expect(batch.subscriptionFilters).toEqual(["clicks"]);
    expect(batch.logEvents.map(({ message }) => JSON.parse(message).text)).toEqual([
      "click 1",
      "click 2",
      "click 3",
    ]);
    const span = host.recorder.recent().find(({ name }) => name === "subscriber");
    expect(span?.from).toBe(`arn:aws:logs:${region}:${accountId}:log-group:/app/a`);
  });

  test("is packed with unique ascending ids, in order, and flushed when the service stops", async () => {
    await start(filter("all", "/app/a", "", "subscriber"));
    const events: unknown[] = [];
    const real = host.lambda;
    Object.assign(host, {
      lambda: {
        ...real,
        invokeAsync: (arn: string, event: unknown) => {
          events.push(event);
          return real.invokeAsync(arn, event);
        },
      },
    });
    const count = 12_000;
    for (let i = 0; i < count; i += 100) {
      const batch = Array.from({ length: 100 }, (_, n) => ({ timestamp: 1, message: String(i + n) }));
      logs.append("/app/a", "stream", batch);
    }
    await logs.stop?.();
    const packed = events.map(unpack);
    expect(packed[0]).toMatchObject({
      messageType: "DATA_MESSAGE",
      owner: accountId,
      logGroup: "/app/a",
      logStream: "stream",
      subscriptionFilters: ["all"],
    });
    const all = packed.flatMap(({ logEvents }) => logEvents);
    expect(all.map(({ message }) => Number(message))).toEqual(Array.from({ length: count }, (_, i) => i));
    const ids = all.map(({ id }) => id);
    expect(ids.every((id) => /^\d{56}$/.test(id))).toBe(true);
    expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? ""))).toBe(true);
  });

  test("is received in full when the host stops right after it was written", async () => {
    await start(filter("all", "/app/a", '{ $.message = "own json" }', "subscriber"));
    await host.lambda.invoke(arnOf("logs"), { text: "last words" });
    await host.lambda.stop();
    const received = host.recorder.recent().find(({ name }) => name === "subscriber");
    expect(received).toBeDefined();
    expect(received?.error).toBeUndefined();
    expect((await host.lambda.invoke(arnOf("logs"), {})).error?.errorMessage).toBe(
      "The local Lambda stopped.",
    );
  });

  test("can only be sent to functions: any other destination is refused at the start", () => {
    const bad = filter("stream", "/app/a", "", "x");
    const resource = {
      ...bad,
      inputs: { ...bad.inputs, destinationArn: "arn:aws:kinesis:eu-west-1:1:stream/s" },
    };
    const cloud = { graph: graphOf([], [resource]), clock: systemClock(), lambda: host.lambda, print() {} };
    expect(() => createLogs(cloud)).toThrow("only functions can be subscribed locally");
  });
});
