import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { cbor, tag } from "@smithy/core/cbor";
import { afterEach, describe, expect, it } from "vitest";
import type { ServiceFactory } from "../../local/kit/cloud.ts";
import { type CloudWatchService, cloudwatch } from "../../local/services/cloudwatch/cloudwatch.ts";
import { ACCOUNT, graphOf, REGION, type Running, resource, startCloud } from "./gateway-fixture.ts";

const MINUTE = 60_000;
const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:Alerts`;

const alarmOf = (inputs: Record<string, unknown>) =>
  resource("aws:cloudwatch/metricAlarm:MetricAlarm", String(inputs.name), {
    namespace: "shop",
    metricName: "Failures",
    dimensions: {},
    statistic: "Sum",
    period: 60,
    evaluationPeriods: 1,
    threshold: 3,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    treatMissingData: "notBreaching",
    alarmActions: [topic],
    okActions: [topic],
    ...inputs,
  });

let running: Running;
let service: CloudWatchService;
const told: { targetArn: string; body: Record<string, unknown> }[] = [];
const queues: { name: string; ready: number; inFlight: number; delayed: number; oldestSeconds: number }[] =
  [];
const functions: { arn: string; throttles: number; busy: number }[] = [];

const start = async (...alarms: ReturnType<typeof resource>[]) => {
  const factory: ServiceFactory = (cloud) => {
    service = cloudwatch(cloud, { queues: () => queues, functions: () => functions });
    return service;
  };
  const catcher =
    (accepts: string): ServiceFactory =>
    () => ({
      name: accepts,
      accepts,
      handle: async () => ({ status: 501 }),
      deliver: async (targetArn, { body }) => void told.push({ targetArn, body: JSON.parse(body) }),
    });
  const catchers = [catcher("arn:aws:sns:"), catcher("arn:aws:events:")];
  running = await startCloud({ graph: graphOf(alarms), services: [factory, ...catchers] });
  const { accessKeyId, secretAccessKey } = running.cloud.credentials.developer;
  return new CloudWatchClient({
    endpoint: running.gateway.endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
};

const put = (client: CloudWatchClient, name: string, ...values: number[]) =>
  client.send(
    new PutMetricDataCommand({
      Namespace: "shop",
      MetricData: values.map((Value) => ({
        MetricName: name,
        Value,
        Unit: "Count",
        Timestamp: new Date(running.clock.now()),
      })),
    }),
  );

const states = async (client: CloudWatchClient) => {
  const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(
    new DescribeAlarmsCommand({ AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
  );
  return Object.fromEntries([...MetricAlarms, ...CompositeAlarms].map((a) => [a.AlarmName, a.StateValue]));
};

afterEach(async () => {
  queues.length = 0;
  functions.length = 0;
  told.length = 0;
  await running.stop();
});

describe("metrics", () => {
  it("are worked out over what is kept alone, however many years a call asks for", async () => {
    const client = await start();
    await put(client, "Visits", 3);
    const ask = (expressions: number) =>
      client.send(
        new GetMetricDataCommand({
          StartTime: new Date(0),
          EndTime: new Date(8_000_000_000_000_000),
          MetricDataQueries: [
            {
              Id: "visits",
              ReturnData: false,
              MetricStat: {
                Metric: { Namespace: "shop", MetricName: "Visits" },
                Period: 60,
                Stat: "Sum",
              },
            },
            ...Array.from({ length: expressions }, (_, i) => ({
              Id: `e${i}`,
              Expression: "FILL(visits, 0) + 1",
              Period: 60,
            })),
          ],
        }),
      );
    const began = performance.now();
    const { MetricDataResults = [] } = await ask(1);
    expect(MetricDataResults[0]?.Values).toContain(4);
    await expect(ask(400)).rejects.toThrow("too many data points");
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it("are kept by namespace, name and dimensions, and come back as statistics and percentiles", async () => {
    const client = await start();
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    await put(client, "Latency", ...values);
    await client.send(
      new PutMetricDataCommand({
        Namespace: "shop",
        MetricData: [
          {
            MetricName: "Latency",
            Dimensions: [{ Name: "route", Value: "/a" }],
            Values: [1, 5],
            Counts: [3, 1],
          },
          { MetricName: "Sets", StatisticValues: { SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 6 } },
        ],
      }),
    );
    const now = running.clock.now();
    const window = { StartTime: new Date(now - 5 * MINUTE), EndTime: new Date(now + MINUTE), Period: 600 };
    const whole = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: "shop",
        MetricName: "Latency",
        Statistics: ["Sum", "Average", "Minimum", "Maximum", "SampleCount"],
        ...window,
      }),
    );
    expect(whole.Datapoints?.reduce((sum, point) => sum + (point.Sum ?? 0), 0)).toBe(5_050);
    const tail = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: "shop",
        MetricName: "Latency",
        ExtendedStatistics: ["p90"],
        ...window,
      }),
    );
    const p90 = tail.Datapoints?.[0]?.ExtendedStatistics?.p90 ?? 0;
    expect(p90).toBeGreaterThan(88);
    expect(p90).toBeLessThan(92);
    const routed = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: "shop",
        MetricName: "Latency",
        Dimensions: [{ Name: "route", Value: "/a" }],
        Statistics: ["Sum", "SampleCount"],
        ...window,
      }),
    );
    expect(routed.Datapoints?.[0]).toMatchObject({ Sum: 8, SampleCount: 4 });
    const listed = await client.send(new ListMetricsCommand({ Namespace: "shop" }));
    expect(listed.Metrics).toHaveLength(3);
  });

  it("are taken whole or not at all, and a wrong value is named", async () => {
    const client = await start();
    const mixed = new PutMetricDataCommand({
      Namespace: "shop",
      MetricData: [
        { MetricName: "A", Value: 1 },
        { MetricName: "B", Value: 1, Timestamp: new Date(0) },
      ],
    });
    await expect(client.send(mixed)).rejects.toThrow("two weeks");
    expect((await client.send(new ListMetricsCommand({}))).Metrics).toEqual([]);
    const reserved = new PutMetricDataCommand({
      Namespace: "AWS/Lambda",
      MetricData: [{ MetricName: "A", Value: 1 }],
    });
    await expect(client.send(reserved)).rejects.toThrow("reserved");
  });

  it("embedded in log lines are found under each set of dimensions", async () => {
    const client = await start();
    const line = JSON.stringify({
      _aws: {
        Timestamp: running.clock.now(),
        CloudWatchMetrics: [
          { Namespace: "shop", Dimensions: [["service"], []], Metrics: [{ Name: "Orders", Unit: "Count" }] },
        ],
      },
      service: "checkout",
      Orders: [2, 3],
    });
    service.read([
      { message: line, timestamp: running.clock.now() },
      { message: '{"_aws":{"CloudWatchMetrics":"no list"}}', timestamp: running.clock.now() },
      { message: '{"CloudWatchMetrics" half', timestamp: running.clock.now() },
    ]);
    const { Metrics = [] } = await client.send(new ListMetricsCommand({}));
    expect(Metrics.map(({ Dimensions }) => Dimensions?.length).sort()).toEqual([0, 1]);
  });

  it("answer expressions over one another", async () => {
    const client = await start();
    await put(client, "Failures", 2);
    await put(client, "Calls", 8);
    const now = running.clock.now();
    const metric = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: "shop", MetricName }, Period: 60, Stat: "Sum" },
    });
    const ask = (Expression: string) =>
      client.send(
        new GetMetricDataCommand({
          StartTime: new Date(now - MINUTE),
          EndTime: new Date(now + MINUTE),
          MetricDataQueries: [metric("f", "Failures"), metric("c", "Calls"), { Id: "e", Expression }],
        }),
      );
    expect((await ask("100 * f / (f + c)")).MetricDataResults?.[0]?.Values).toEqual([20]);
    expect((await ask("SUM(METRICS())")).MetricDataResults?.[0]?.Values).toEqual([10]);
    expect((await ask("IF(f > 1, f, 0) ^ 2")).MetricDataResults?.[0]?.Values).toEqual([4]);
    await expect(ask("f +")).rejects.toThrow("ends too early");
    await expect(ask("NOPE(f)")).rejects.toThrow("NOPE");
    await expect(ask(`${"(".repeat(100)}f${")".repeat(100)}`)).rejects.toThrow("nested too deeply");
  });
});

describe("alarms", () => {
  it("of the graph are raised, tell their topic and the bus, and are over when the metric recovers", async () => {
    const client = await start(alarmOf({ name: "Broken" }));
    expect(await states(client)).toEqual({ Broken: "INSUFFICIENT_DATA" });
    await put(client, "Failures", 2, 2);
    running.clock.advance(MINUTE);
    await expect.poll(() => states(client)).toEqual({ Broken: "ALARM" });
    running.clock.advance(4 * MINUTE); // past the points that CloudWatch looks back to
    await expect.poll(() => states(client)).toEqual({ Broken: "OK" });
    const mails = told.filter(({ targetArn }) => targetArn === topic).map(({ body }) => body);
    expect(mails.map(({ OldStateValue, NewStateValue }) => [OldStateValue, NewStateValue])).toEqual([
      ["INSUFFICIENT_DATA", "ALARM"],
      ["ALARM", "OK"],
    ]);
    expect(mails[0]).toMatchObject({
      AlarmName: "Broken",
      NewStateReason: "Threshold Crossed: 1 datapoint [4] was greater than or equal to the threshold (3).",
      Trigger: { MetricName: "Failures", Statistic: "SUM", Period: 60, Threshold: 3 },
    });
    const bus = told.filter(({ targetArn }) => targetArn.includes(":event-bus/default"));
    expect(bus[0]?.body).toMatchObject({ "detail-type": "CloudWatch Alarm State Change" });
    const { AlarmHistoryItems } = await client.send(new DescribeAlarmHistoryCommand({ AlarmName: "Broken" }));
    expect(AlarmHistoryItems?.map((item) => item.HistorySummary)).toEqual([
      "Alarm updated from ALARM to OK",
      "Alarm updated from INSUFFICIENT_DATA to ALARM",
    ]);
  });

  it("watch what AWS's own services publish: invocations that fail, and messages that wait", async () => {
    const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:place`;
    const client = await start(
      alarmOf({
        name: "Errors",
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensions: { FunctionName: "place" },
        threshold: 1,
      }),
      alarmOf({
        name: "Waiting",
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: "lost" },
        statistic: "Maximum",
        threshold: 1,
      }),
      alarmOf({ name: "Throttled", namespace: "AWS/Lambda", metricName: "Throttles", threshold: 1 }),
    );
    const span = {
      traceId: "1-0-0",
      id: "0",
      kind: "invoke" as const,
      node: arn,
      name: "place",
      start: running.clock.now(),
      durationMs: 5,
    };
    running.cloud.recorder.record({ ...span, error: "Error: bug", detail: {} });
    queues.push({ name: "lost", ready: 1, inFlight: 0, delayed: 0, oldestSeconds: 4 });
    functions.push({ arn, throttles: 2, busy: 0 });
    running.clock.advance(MINUTE);
    await expect
      .poll(() => states(client))
      .toEqual({ Errors: "ALARM", Waiting: "ALARM", Throttled: "ALARM" });
  });

  it("are put, combined, set and described by calls; a wrong one is refused in words", async () => {
    const client = await start();
    const input = {
      AlarmName: "A",
      Namespace: "shop",
      MetricName: "Failures",
      Statistic: "Sum" as const,
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanThreshold" as const,
    };
    await client.send(new PutMetricAlarmCommand(input));
    await client.send(new PutMetricAlarmCommand({ ...input, AlarmName: "B" }));
    await client.send(
      new PutCompositeAlarmCommand({ AlarmName: "Both", AlarmRule: 'ALARM("A") AND NOT ALARM(B)' }),
    );
    await client.send(
      new SetAlarmStateCommand({ AlarmName: "A", StateValue: "ALARM", StateReason: "a drill" }),
    );
    expect(await states(client)).toMatchObject({ A: "ALARM", B: "INSUFFICIENT_DATA" });
    await expect(client.send(new PutMetricAlarmCommand({ ...input, Period: 61 }))).rejects.toThrow("Period");
    await expect(client.send(new PutMetricAlarmCommand({ ...input, DatapointsToAlarm: 2 }))).rejects.toThrow(
      "DatapointsToAlarm",
    );
    await expect(
      client.send(new SetAlarmStateCommand({ AlarmName: "none", StateValue: "OK", StateReason: "" })),
    ).rejects.toThrow("none");
  });
});

it("the query protocol and CBOR are spoken as the JSON one is", async () => {
  await start();
  const { accessKeyId, secretAccessKey } = running.cloud.credentials.developer;
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
  };
  const aws = async (...args: string[]) => {
    const all = ["cloudwatch", ...args, "--endpoint-url", running.gateway.endpoint, "--output", "json"];
    return (await promisify(execFile)("/usr/bin/aws", all, { env })).stdout;
  };
  await aws("put-metric-data", "--namespace", "shop", "--metric-name", "Sales", "--value", "7");
  expect(JSON.parse(await aws("list-metrics"))).toMatchObject({
    Metrics: [{ Namespace: "shop", MetricName: "Sales", Dimensions: [] }],
  });
  const body = cbor.serialize({
    Namespace: "shop",
    MetricName: "Sales",
    StartTime: tag({ tag: 1, value: (Date.now() - MINUTE) / 1_000 }),
    EndTime: tag({ tag: 1, value: (Date.now() + MINUTE) / 1_000 }),
    Period: 60,
    Statistics: ["Sum"],
  });
  const handled = await service.handle({
    method: "POST",
    path: "/service/GraniteServiceVersion20100801/operation/GetMetricStatistics",
    query: new URLSearchParams(),
    headers: { "smithy-protocol": "rpc-v2-cbor" },
    body: Buffer.from(body),
    region: REGION,
    requestId: "r",
  });
  expect(cbor.deserialize(handled.body as Buffer)).toMatchObject({ Datapoints: [{ Sum: 7 }] });
});
