import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openEventStore } from "../../local/lambda/event-store.ts";
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

const dlq = "arn:aws:sqs:eu-west-1:123456789012:dead";
const destination = "arn:aws:sqs:eu-west-1:123456789012:failed";
const event = { how: "throw", n: 1 };
const attempts = (started: Started) =>
  started.recorder.recent().filter(({ kind }) => kind === "invoke").length;
const ran = (started: Started, times: number) =>
  until(() => attempts(started) === times, `attempt ${times} to end`);

test("a failing event is tried again after one minute and two more, then sent to the dead-letter queue", async () => {
  const started = await start([specOf("fail", { deadLetterArn: dlq })]);
  const { requestId } = await started.lambda.invokeAsync(arnOf("fail"), event);
  await ran(started, 1);
  started.clock.advance(59_000);
  expect(attempts(started)).toBe(1);
  started.clock.advance(1_000);
  await ran(started, 2);
  started.clock.advance(119_000);
  expect(attempts(started)).toBe(2);
  started.clock.advance(1_000);
  await ran(started, 3);
  await until(() => started.delivered.length === 1, "the dead letter");
  expect(started.delivered[0]).toEqual({
    target: dlq,
    delivery: {
      sourceArn: arnOf("fail"),
      body: JSON.stringify(event),
      attributes: { RequestID: requestId, ErrorCode: "200", ErrorMessage: "out of range" },
    },
  });
  const ids = started.recorder.recent().map(({ detail }) => detail.requestId);
  expect(new Set(ids)).toEqual(new Set([requestId]));
});

test("an on-failure destination receives the invocation record", async () => {
  const started = await start([
    specOf("fail", { async: { maxRetries: 0, maxAgeSeconds: 3_600, onFailureArn: destination } }),
  ]);
  const { requestId } = await started.lambda.invokeAsync(arnOf("fail"), event);
  await until(() => started.delivered.length === 1, "the record");
  const { target, delivery } = started.delivered[0] ?? {};
  expect(target).toBe(destination);
  expect(JSON.parse(delivery?.body ?? "")).toMatchObject({
    version: "1.0",
    requestContext: {
      requestId,
      functionArn: `${arnOf("fail")}:$LATEST`,
      condition: "RetriesExhausted",
      approximateInvokeCount: 1,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: { errorType: "RangeError", errorMessage: "out of range" },
  });
});

test("an event that grows too old is not run again", async () => {
  const started = await start([
    specOf("fail", { async: { maxRetries: 2, maxAgeSeconds: 60, onFailureArn: destination } }),
  ]);
  await started.lambda.invokeAsync(arnOf("fail"), event);
  await ran(started, 1);
  started.clock.advance(60_000);
  await until(() => started.delivered.length === 1, "the record");
  expect(attempts(started)).toBe(1);
  expect(JSON.parse(started.delivered[0]?.delivery.body ?? "").requestContext).toMatchObject({
    condition: "EventAgeExceeded",
  });
});

test("a throttled event is tried again without using up its retries", async () => {
  const started = await start([
    specOf("counter", { reservedConcurrency: 1, async: { maxRetries: 0, maxAgeSeconds: 600 } }),
  ]);
  const blocking = started.lambda.invoke(arnOf("counter"), { waitMs: 200 });
  await started.lambda.invokeAsync(arnOf("counter"), {});
  await until(() => started.lambda.stats()[0]?.throttles === 1, "the throttle");
  await blocking;
  started.clock.advance(1_000);
  await ran(started, 2);
  expect(started.delivered).toEqual([]);
});

test("an event beyond one megabyte is refused", async () => {
  const started = await start([specOf("noop")]);
  await expect(started.lambda.invokeAsync(arnOf("noop"), "x".repeat(1_048_575))).rejects.toThrow(
    "smaller than",
  );
});

test("stopping lets queued events finish first", async () => {
  const started = await start([specOf("counter")]);
  await started.lambda.invokeAsync(arnOf("counter"), { waitMs: 200 });
  await started.lambda.stop();
  expect(started.recorder.recent().at(-1)).toMatchObject({ kind: "invoke", name: "counter" });
  expect(started.recorder.recent().at(-1)?.error).toBeUndefined();
});

const success = "arn:aws:events:eu-west-1:123456789012:event-bus/told";

test("an on-success destination receives the invocation record, a bus in a whole envelope", async () => {
  const started = await start([
    specOf("counter", { async: { maxRetries: 0, maxAgeSeconds: 3_600, onSuccessArn: success } }),
  ]);
  const { requestId } = await started.lambda.invokeAsync(arnOf("counter"), { n: 7 });
  await until(() => started.delivered.length === 1, "the record");
  const { target, delivery } = started.delivered[0] ?? {};
  expect(target).toBe(success);
  expect(JSON.parse(delivery?.body ?? "")).toMatchObject({
    version: "0",
    source: "lambda",
    "detail-type": "Lambda Function Invocation Result - Success",
    account: "123456789012",
    region: "eu-west-1",
    resources: [success, `${arnOf("counter")}:$LATEST`],
    detail: {
      requestContext: { requestId, condition: "Success", approximateInvokeCount: 1 },
      requestPayload: { n: 7 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST" },
      responsePayload: { count: 1 },
    },
  });
  expect(JSON.parse(delivery?.body ?? "").detail.responseContext.functionError).toBeUndefined();
});

test("events that are not done when the process ends are run by the next one, with their counts", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "lambda-kept-"));
  const spec = specOf("fail", { deadLetterArn: dlq });
  try {
    const first = await startHost([spec], { dataDir });
    const { requestId } = await first.lambda.invokeAsync(arnOf("fail"), event);
    await ran(first, 1);
    await until(
      () => /"failures":1/.test(readFileSync(join(dataDir, "lambda/events.jsonl"), "utf8")),
      "the note",
    );
    // as a kill leaves it: nothing is stopped, and what is on disk is read
    const copy = join(dataDir, "copy");
    cpSync(join(dataDir, "lambda"), join(copy, "lambda"), { recursive: true });
    await first.stop();
    const second = await start([spec], { dataDir: copy });
    second.clock.advance(60_000);
    await ran(second, 1);
    second.clock.advance(120_000);
    await ran(second, 2);
    await until(() => second.delivered.length === 1, "the dead letter");
    expect(second.delivered[0]?.delivery.attributes?.RequestID).toBe(requestId);
    await second.stop();
    const third = await start([spec], { dataDir: copy });
    third.clock.advance(600_000);
    await third.stop();
    expect(attempts(third)).toBe(0);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("an event cut short by the end of the process does not count, and is run again", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "lambda-kept-"));
  const spec = specOf("counter", { timeoutSeconds: 60 });
  try {
    const first = await startHost([spec], { dataDir, limits: { drainMs: 50 } });
    await first.lambda.invokeAsync(arnOf("counter"), { waitMs: 30_000 });
    await until(() => first.lambda.stats()[0]?.busy === 1, "the start");
    await first.stop();
    expect(first.printed.join()).not.toContain("dropped");
    const second = await start([spec], { dataDir });
    await until(() => second.lambda.stats()[0]?.busy === 1, "the second start");
  } finally {
    await host?.stop();
    host = undefined;
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("payloads beyond the memory's share wait in files, which go with their events", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "lambda-kept-"));
  const kept = (requestId: string) => ({
    requestId,
    functionArn: arnOf("noop"),
    options: {},
    queuedAt: 0,
    failures: 0,
    throttles: 0,
    dueAt: 0,
  });
  const folder = join(dataDir, "lambda/payloads");
  try {
    const store = openEventStore(dataDir, 1_000);
    const keys: string[] = [];
    for (let n = 0; n < 5; n++) keys.push(await store.add(kept(String(n)), JSON.stringify("x".repeat(398))));
    expect(readdirSync(folder)).toHaveLength(3);
    await store.close();
    const again = openEventStore(dataDir, 1_000);
    expect(again.keys()).toEqual(keys);
    for (const key of keys) expect(again.payload(key)).toHaveLength(400);
    for (const key of keys) again.remove(key);
    expect(readdirSync(folder)).toEqual([]);
    await again.close();
    expect(openEventStore(dataDir).keys()).toEqual([]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
