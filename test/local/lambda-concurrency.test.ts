import { afterEach, expect, test } from "vitest";
import type { Invocation } from "../../local/kit/cloud.ts";
import { arnOf, specOf, startHost, until } from "../fixtures/lambda/host.ts";

type Started = Awaited<ReturnType<typeof startHost>>;
let host: Started | undefined;
const start = async (...input: Parameters<typeof startHost>): Promise<Started> => {
  host = await startHost(...input);
  return host;
};
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

const burst = (started: Started, name: string, size: number, event: unknown): Promise<Invocation[]> =>
  Promise.all(Array.from({ length: size }, () => started.lambda.invoke(arnOf(name), event)));

test("an environment runs one event at a time, and others take what comes meanwhile", async () => {
  const started = await start([specOf("counter")], { limits: { environmentsPerFunction: 4 } });
  // long enough for four environments to start on a busy machine before the first is free again
  const answers = await burst(started, "counter", 4, { waitMs: 3_000 });
  expect(answers.map(({ payload }) => payload)).toEqual(Array(4).fill({ count: 1 }));
  expect(started.lambda.stats()[0]).toMatchObject({ environments: 4, coldStarts: 4, invocations: 4 });
});

test("two hundred events at once share a few environments, and all are answered", async () => {
  const started = await start([specOf("counter")], { limits: { environmentsPerFunction: 3 } });
  const answers = await burst(started, "counter", 200, { waitMs: 1 });
  expect(answers.filter(({ error, throttled }) => error || throttled)).toEqual([]);
  const [stats] = started.lambda.stats();
  expect(stats?.environments).toBeLessThanOrEqual(3);
  expect(stats?.invocations).toBe(200);
});

test("an event's time counts from when it starts, not from when it is queued", async () => {
  const started = await start([specOf("counter", { timeoutSeconds: 1 })], {
    limits: { environmentsPerFunction: 1 },
  });
  const answers = await burst(started, "counter", 4, { waitMs: 400 });
  expect(answers.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
});

test("reserved concurrency throttles what exceeds it", async () => {
  const started = await start([specOf("counter", { reservedConcurrency: 2 })]);
  const answers = await burst(started, "counter", 5, { waitMs: 100 });
  expect(answers.filter(({ throttled }) => throttled)).toHaveLength(3);
  expect(answers.filter(({ payload }) => payload)).toHaveLength(2);
  expect((await started.lambda.invoke(arnOf("counter"), {})).throttled).toBeUndefined();
});

test("unused environments are reclaimed, and the next event is cold again", async () => {
  const started = await start([specOf("counter")], { limits: { idleMs: 60_000 } });
  await started.lambda.invoke(arnOf("counter"), {});
  const keys = () => started.lambda.stats()[0]?.environments;
  started.clock.advance(59_000);
  expect(keys()).toBe(1);
  started.clock.advance(62_000);
  await until(() => keys() === 0, "the environment to end");
  const { payload, initMs } = await started.lambda.invoke(arnOf("counter"), {});
  expect(payload).toEqual({ count: 1 });
  expect(initMs).toBeGreaterThan(0);
});

test("when every place is taken, the longest unused environment of another function makes room", async () => {
  const started = await start([specOf("counter"), specOf("noop")], { limits: { environments: 2 } });
  await burst(started, "counter", 2, { waitMs: 50 });
  expect(started.lambda.stats()[0]?.environments).toBe(2);
  expect((await started.lambda.invoke(arnOf("noop"), 1)).payload).toBe(1);
  await until(() => started.lambda.stats()[0]?.environments === 1, "one environment to make room");
});

test("an environment's keys end with it", async () => {
  const started = await start([specOf("probe")], { limits: { idleMs: 60_000 } });
  const { payload } = await started.lambda.invoke(arnOf("probe"), {});
  const { AWS_ACCESS_KEY_ID = "" } = (payload as { env: Record<string, string> }).env;
  expect(started.credentials.find(AWS_ACCESS_KEY_ID)).toBeDefined();
  started.clock.advance(120_000);
  await until(() => started.credentials.find(AWS_ACCESS_KEY_ID) === undefined, "the keys to be revoked");
});

test("calls made with an environment's keys are counted towards its invocation", async () => {
  const started = await start([specOf("counter")]);
  await started.lambda.invoke(arnOf("counter"), {});
  const environmentId = String(started.recorder.recent()[0]?.detail.environmentId);
  const running = started.lambda.invoke(arnOf("counter"), { waitMs: 50 });
  started.lambda.noteCall(environmentId, { readUnits: 0.5, writeUnits: 0 });
  started.lambda.noteCall(environmentId, { readUnits: 0, writeUnits: 2 });
  const { requestId } = await running;
  const span = started.recorder.recent().at(-1);
  expect(span).toMatchObject({
    kind: "invoke",
    node: arnOf("counter"),
    detail: { requestId, calls: 2, readUnits: 0.5, writeUnits: 2 },
  });
  expect(started.printed.at(-1)).toMatch(/^λ counter\s+[\d.]+ ms {2}2 calls 0\.5 RCU 2 WCU$/);
  expect(started.printed[0]).toMatch(/^λ counter\s+[\d.]+ ms {2}cold \d+ ms$/);
});

test("a trace is carried on: the span belongs to it and the function sees itself as parent", async () => {
  const started = await start([specOf("probe")]);
  const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const { payload } = await started.lambda.invoke(arnOf("probe"), {}, { trace, from: "arn:aws:sqs:::q" });
  const span = started.recorder.recent().at(-1);
  expect(span).toMatchObject({
    traceId: "1-5759e988-bd862e3fe1be46a994272793",
    parentId: "53995c3f42cd8ad8",
    from: "arn:aws:sqs:::q",
  });
  const { env } = payload as { env: Record<string, string> };
  expect(env._X_AMZN_TRACE_ID).toBe(`Root=${span?.traceId};Parent=${span?.id};Sampled=1`);
});
