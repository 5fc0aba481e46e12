import { describe, expect, test } from "vitest";
import { nextRun, parseExpression } from "./expression.ts";

const runs = (text: string, zone: string, from: string, count: number): string[] => {
  const expression = parseExpression(text, zone);
  const start = Date.parse(from);
  const found: string[] = [];
  for (let after = start; found.length < count; ) {
    const due = nextRun(expression, start, after);
    if (due === undefined) break;
    found.push(new Date(due).toISOString().slice(0, 16));
    after = due;
  }
  return found;
};

describe("a schedule expression", () => {
  // Examples of the EventBridge and Scheduler user guides, and of Quartz, whose dialect AWS took.
  test.each<[string, string[]]>([
    ["cron(0 10 * * ? *)", ["2026-01-01T10:00", "2026-01-02T10:00"]],
    ["cron(15 12 * * ? *)", ["2026-01-01T12:15", "2026-01-02T12:15"]],
    ["cron(0 18 ? * MON-FRI *)", ["2026-01-01T18:00", "2026-01-02T18:00", "2026-01-05T18:00"]],
    ["cron(0 8 1 * ? *)", ["2026-01-01T08:00", "2026-02-01T08:00"]],
    ["cron(0/15 * * * ? *)", ["2026-01-01T00:15", "2026-01-01T00:30"]],
    ["cron(0/5 8-17 ? * 2-6 *)", ["2026-01-01T08:00", "2026-01-01T08:05"]],
    ["cron(0 9 ? * 2#1 *)", ["2026-01-05T09:00", "2026-02-02T09:00"]],
    ["cron(0 10 ? * 6L 2026-2027)", ["2026-01-30T10:00", "2026-02-27T10:00"]],
    ["cron(0 0 ? * L *)", ["2026-01-03T00:00", "2026-01-10T00:00"]],
    ["cron(0 10 L * ? *)", ["2026-01-31T10:00", "2026-02-28T10:00"]],
    ["cron(0 10 15W * ? *)", ["2026-01-15T10:00", "2026-02-16T10:00"]],
    ["cron(0 10 3W * ? *)", ["2026-01-02T10:00", "2026-02-03T10:00"]],
    ["cron(0 0 LW * ? *)", ["2026-01-30T00:00", "2026-02-27T00:00"]],
    ["cron(0 0 29 2 ? *)", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    ["cron(0 0 1 JAN,JUL ? 2026)", ["2026-07-01T00:00"]],
    ["cron(0 0 1 1 ? 2020)", []],
    ["rate(1 hour)", ["2026-01-01T01:00", "2026-01-01T02:00"]],
    ["rate(2 days)", ["2026-01-03T00:00", "2026-01-05T00:00"]],
    ["at(2026-06-01T08:30:00)", ["2026-06-01T08:30"]],
    ["at(2025-06-01T08:30:00)", []],
  ])("%s runs at %j", (text, expected) => {
    const found = runs(text, "UTC", "2026-01-01T00:00:00Z", Math.max(expected.length, 1));
    expect(found).toEqual(expected);
  });

  test("follows the clocks of its zone across both time changes", () => {
    expect(runs("cron(0 9 * * ? *)", "Europe/Berlin", "2026-03-28T00:00:00Z", 3)).toEqual([
      "2026-03-28T08:00",
      "2026-03-29T07:00",
      "2026-03-30T07:00",
    ]);
    expect(runs("cron(0 9 * * ? *)", "America/New_York", "2026-10-31T00:00:00Z", 3)).toEqual([
      "2026-10-31T13:00",
      "2026-11-01T14:00",
      "2026-11-02T14:00",
    ]);
  });

  test("skips a time that clocks skip", () => {
    expect(runs("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T00:00:00Z", 2)).toEqual([
      "2026-03-28T01:30",
      "2026-03-30T00:30",
    ]);
    expect(runs("at(2026-03-29T02:30:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", 1)).toEqual([]);
  });

  test("runs once at a time that clocks repeat", () => {
    expect(runs("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-25T00:00:00Z", 2)).toEqual([
      "2026-10-25T00:30",
      "2026-10-26T01:30",
    ]);
    expect(runs("at(2026-10-25T02:30:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", 1)).toEqual([
      "2026-10-25T00:30",
    ]);
  });

  test.each([
    "cron(0 10 * * *)",
    "cron(0 10 * * * *)",
    "cron(0 10 ? * ? *)",
    "cron(61 10 * * ? *)",
    "rate(0 minutes)",
    "rate(5 seconds)",
    "at(tomorrow)",
    "every day",
  ])("is refused: %s", (text) => {
    expect(() => parseExpression(text, "UTC")).toThrow("Invalid Schedule Expression");
  });
});
