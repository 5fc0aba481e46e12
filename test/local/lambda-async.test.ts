import { afterEach, expect, test } from "vitest";
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
