import { gunzipSync } from "node:zlib";
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../local/gateway/gateway.ts";
import type { Resource } from "../../local/graph/graph.ts";
import { type Clock, systemClock } from "../../local/kit/clock.ts";
import { createCredentials } from "../../local/kit/credentials.ts";
import { createRecorder } from "../../local/kit/recorder.ts";
import { createLogs, type LogsService } from "../../local/services/logs/logs.ts";
import {
  accountId,
  arnOf,
  deployed,
  graphOf,
  region,
  specOf,
  startHost,
  until,
} from "../fixtures/lambda/host.ts";

const group = (name: string): Resource => ({
  urn: `urn:${name}`,
  type: "aws:cloudwatch/logGroup:LogGroup",
  name,
  id: name,
  inputs: { name, retentionInDays: 7 },
  outputs: { name, arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}` },
});
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

describe("the CloudWatch Logs API", () => {
  let gateway: Gateway;
  let logs: LogsService;
  let client: CloudWatchLogsClient;
  let clock: Clock;

  beforeEach(async () => {
    clock = systemClock();
    const credentials = createCredentials();
    const lambda = { invoke: () => Promise.reject(), invokeAsync: () => Promise.reject() };
    logs = createLogs({ graph: graphOf([], [group("/app/a"), group("/app/b")]), clock, lambda, print() {} });
    gateway = await startGateway({
      port: 0,
      clock,
      credentials,
      recorder: createRecorder(),
      print() {},
      services: [logs],
    });
    const { accessKeyId, secretAccessKey } = credentials.developer;
    client = new CloudWatchLogsClient({
      region,
      endpoint: gateway.endpoint,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    });
  });
  afterEach(async () => {
    client.destroy();
    await gateway.stop();
  });

  const put = async (stream: string, ...messages: string[]) => {
    const target = { logGroupName: "/app/a", logStreamName: stream };
    await client.send(new CreateLogStreamCommand(target));
    const logEvents = messages.map((message, i) => ({ timestamp: clock.now() + i, message }));
    await client.send(new PutLogEventsCommand({ ...target, logEvents }));
  };

  test("lists the graph's groups with their retention", async () => {
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/app/" }));
    expect(logGroups?.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays])).toEqual([
      ["/app/a", 7],
      ["/app/b", 7],
    ]);
  });

  test("keeps events per stream and pages through them from either end", async () => {
    await put("one", "1", "2", "3", "4", "5");
    const target = { logGroupName: "/app/a", logStreamName: "one" };
    const read = async (input: object) => {
      const page = await client.send(new GetLogEventsCommand({ ...target, ...input }));
      return { ...page, messages: page.events?.map(({ message }) => message) };
    };
    const head = await read({ startFromHead: true, limit: 2 });
    expect(head.messages).toEqual(["1", "2"]);
    expect((await read({ nextToken: head.nextForwardToken, limit: 2 })).messages).toEqual(["3", "4"]);
    const last = await read({ limit: 2 });
    expect(last.messages).toEqual(["4", "5"]);
    expect((await read({ nextToken: last.nextBackwardToken, limit: 2 })).messages).toEqual(["2", "3"]);
    const end = await read({ nextToken: last.nextForwardToken });
    expect(end.messages).toEqual([]);
    expect(end.nextForwardToken).toBe(last.nextForwardToken);
    const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName: "/app/a" }));
    expect(logStreams).toMatchObject([{ logStreamName: "one", lastEventTimestamp: expect.any(Number) }]);
  });

  test("filters a group's streams by pattern, page by page", async () => {
    await put("one", '{"n":1}', '{"n":2}');
    await put("two", '{"n":3}', "text");
    const search = (input: object) =>
      client.send(
        new FilterLogEventsCommand({ logGroupName: "/app/a", filterPattern: "{ $.n > 1 }", ...input }),
      );
    const { events } = await search({});
    expect(events?.map(({ logStreamName, message }) => [logStreamName, message])).toEqual([
      ["one", '{"n":2}'],
      ["two", '{"n":3}'],
    ]);
    const first = await search({ limit: 1 });
    expect(first.events).toHaveLength(1);
    const second = await search({ limit: 1, nextToken: first.nextToken });
    expect(second.events?.[0]?.message).toBe('{"n":3}');
    expect(second.nextToken).toBeUndefined();
  });

  test("drops events beyond their retention", async () => {
    await put("one", "old");
    clock.advance(8 * 86_400_000);
    client.config.systemClockOffset = 8 * 86_400_000;
    await put("two", "new");
    const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: "/app/a" }));
    expect(events?.map(({ message }) => message)).toEqual(["new"]);
  });

  test("refuses unknown groups, malformed patterns and operations it does not serve, by name", async () => {
    const search = (input: { logGroupName: string; filterPattern?: string }) =>
      client.send(new FilterLogEventsCommand(input));
    await expect(search({ logGroupName: "/none" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await expect(search({ logGroupName: "/app/a", filterPattern: "{ $.x = }" })).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    const query = new StartQueryCommand({ queryString: "fields @message", startTime: 0, endTime: 1 });
    await expect(client.send(query)).rejects.toThrow("StartQuery is not served locally");
  });

  test("keeps a bounded number of events in memory", async () => {
    for (let i = 0; i < 150; i++)
      logs.append(
        "/app/a",
        "s",
        Array.from({ length: 100 }, () => ({ timestamp: clock.now(), message: `${i}` })),
      );
    const { events } = await client.send(
      new GetLogEventsCommand({ logGroupName: "/app/a", logStreamName: "s", startFromHead: true, limit: 1 }),
    );
    expect(Number(events?.[0]?.message)).toBeGreaterThan(20);
    const last = await client.send(
      new GetLogEventsCommand({ logGroupName: "/app/a", logStreamName: "s", limit: 1 }),
    );
    expect(last.events?.[0]?.message).toBe("149");
  });
});

describe("what functions write", () => {
  const writer = specOf("logs", { logGroup: "/app/a" });
  const subscriber = specOf("subscriber");
  let host: Awaited<ReturnType<typeof startHost>>;
  let logs: LogsService;
  const lambda = () => host.lambda;

  const start = async (...filters: Resource[]) => {
    const resources = [group("/app/a"), ...filters, deployed(writer), deployed(subscriber)];
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
