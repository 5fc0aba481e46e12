import { expect, it } from "vitest";
import { readLine } from "./log-data.ts";

it.each([
  ["2026-01-01T00:00:00.000Z\tabc\tERROR\tno such book\n", { level: "error", text: "no such book" }],
  ['{"level":"WARN","message":"slow","ms":3}', { level: "warn", text: "slow", json: { ms: 3 } }],
  ['2026-01-01T00:00:00.000Z\tabc\tINFO\t{"isbn":1}', { level: "info", json: { isbn: 1 } }],
  ["START RequestId: abc Version: $LATEST", { level: "platform" }],
  [
    '{"level":"ERROR","message":"unhandled","error":{"name":"Late","message":"too late"}}',
    { text: "unhandled: Late: too late" },
  ],
  ['{"level":"INFO","timestamp":"2026","event":"lent"}', { level: "info", text: '{"event":"lent"}' }],
  ['{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"Loans"}]}]},"Loans":2}', { text: "measured Loans 2" }],
  ["nothing known", { level: "info", text: "nothing known" }],
  ["{ not json", { level: "info", text: "{ not json" }],
])("%s is read", (message, read) => {
  expect(readLine(message)).toMatchObject(read);
});

it("the report of an invocation is told in words", () => {
  const record = {
    status: "success",
    metrics: { durationMs: 12.5, initDurationMs: 80, maxMemoryUsedMB: 40 },
  };
  expect(readLine(JSON.stringify({ type: "platform.report", record })).text).toBe(
    "report success, 12.5 ms, cold start 80 ms, 40 MB",
  );
});
