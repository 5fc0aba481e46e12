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
import { type Clock, systemClock } from "../../local/kit/clock.ts";
import { createCredentials } from "../../local/kit/credentials.ts";
import { createRecorder } from "../../local/kit/recorder.ts";
import { createLogs, type LogsService } from "../../local/services/logs/logs.ts";
import { graphOf, logGroup, region } from "../fixtures/lambda/host.ts";

describe("the CloudWatch Logs API", () => {
  let gateway: Gateway;
  let logs: LogsService;
  let client: CloudWatchLogsClient;
  let clock: Clock;

  beforeEach(async () => {
    clock = systemClock();
    const credentials = createCredentials();
    const lambda = { invoke: () => Promise.reject(), invokeAsync: () => Promise.reject() };
    logs = createLogs({
      graph: graphOf([], [logGroup("/app/a"), logGroup("/app/b")]),
      clock,
      lambda,
      print() {},
    });
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
