import { expect, test } from "vitest";
import { systemClock } from "../../kit/clock.ts";
import { periodStart, quota, tokenBucket } from "./throttle.ts";

const take = (n: number, from: () => boolean) => Array.from({ length: n }, from).filter(Boolean).length;

test("a bucket gives its burst at once and its rate from then on", () => {
  const clock = systemClock();
  const bucket = tokenBucket(clock, 10, 5);
  expect(take(8, bucket)).toBe(5);
  clock.advance(250);
  expect(take(5, bucket)).toBe(2);
  clock.advance(60_000);
  expect(take(9, bucket)).toBe(5);
});

test("a bucket of no burst gives nothing", () => {
  expect(take(3, tokenBucket(systemClock(), 100, 0))).toBe(0);
});

test.each([
  ["DAY", 0, "2026-03-04T15:00:00Z", "2026-03-04"],
  ["WEEK", 0, "2026-03-04T15:00:00Z", "2026-03-01"],
  ["WEEK", 3, "2026-03-04T15:00:00Z", "2026-03-04"],
  ["WEEK", 4, "2026-03-04T15:00:00Z", "2026-02-26"],
  ["MONTH", 0, "2026-03-04T15:00:00Z", "2026-03-01"],
  ["MONTH", 10, "2026-03-04T15:00:00Z", "2026-02-11"],
  ["MONTH", 10, "2026-03-11T00:00:00Z", "2026-03-11"],
])("a quota's %s with offset %i at %s began on %s", (period, offset, now, start) => {
  expect(new Date(periodStart(Date.parse(now), period, offset)).toISOString()).toBe(`${start}T00:00:00.000Z`);
});

test("a quota is full again when its period ends", () => {
  const clock = systemClock();
  const use = quota(clock, 2, "MONTH");
  expect(take(5, use)).toBe(2);
  clock.advance(31 * 86_400_000);
  expect(take(5, use)).toBe(2);
});
