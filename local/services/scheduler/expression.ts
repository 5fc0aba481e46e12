import { Cron } from "croner";
import { wallClock, wallToUtc } from "./time-zone.ts";

// Schedule expressions of EventBridge and EventBridge Scheduler: rate(…), cron(…) with six fields, at(…).

/** A parsed expression; times in epoch ms. */
export type Expression =
  | { readonly kind: "rate"; readonly everyMs: number }
  | { readonly kind: "at"; readonly at: number | undefined }
  | { readonly kind: "cron"; readonly cron: Cron; readonly timeZone: string };

/** What AWS would refuse. */
export class InvalidExpression extends Error {
  override readonly name = "InvalidExpression";
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Parses a schedule expression; cron and at are read in `timeZone`. */
export const parseExpression = (text: string, timeZone: string): Expression => {
  const [, kind, inner = ""] = /^(rate|cron|at)\((.*)\)$/.exec(text.trim()) ?? [];
  const invalid = (why: string) =>
    new InvalidExpression(`Invalid Schedule Expression ${text}. ${why}`.trim());
  if (kind === "rate") {
    const [, value = "", unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(inner.trim()) ?? [];
    const everyMs = Number(value) * (UNITS[unit] ?? 0);
    if (!(everyMs > 0)) throw invalid("A rate is a positive number of minutes, hours or days.");
    return { kind, everyMs };
  }
  if (kind === "at") {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inner)) throw invalid("at() takes yyyy-mm-ddThh:mm:ss.");
    return { kind, at: wallToUtc(Date.parse(`${inner}Z`), timeZone) };
  }
  if (kind !== "cron") throw invalid("");
  return { kind, cron: parseCron(inner.trim(), invalid), timeZone };
};

// AWS writes minutes hours day-of-month month day-of-week year, weekdays 1 (Sunday) to 7, and "?" in one of the two day
// fields. The pattern is matched against wall-clock time as if that were UTC; the zone is applied afterwards, because AWS
// skips what a time change leaves out and runs once what it repeats.
const parseCron = (inner: string, invalid: (why: string) => Error): Cron => {
  const fields = inner.split(/\s+/);
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields;
  if (fields.length !== 6 || dayOfWeek === undefined || dayOfMonth === undefined)
    throw invalid("A cron expression has six fields.");
  if ((dayOfMonth === "?") === (dayOfWeek === "?"))
    throw invalid("One of day-of-month and day-of-week must be ?, the other must not.");
  const any = (field: string) => (field === "?" ? "*" : field);
  // "L" alone as a weekday is the last day of the week, Saturday.
  const weekday = dayOfWeek === "L" ? "7" : dayOfWeek.replace(/^(\w+)L$/, "$1#L");
  const pattern = ["0", minutes, hours, any(dayOfMonth), month, any(weekday), year].join(" ");
  try {
    return new Cron(pattern, {
      mode: "7-part",
      timezone: "UTC",
      alternativeWeekdays: true,
      sloppyRanges: true,
      paused: true,
    });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : "");
  }
};

/** The first run after `after`; `anchor` is when a rate began. Undefined when there is none. */
export const nextRun = (expression: Expression, anchor: number, after: number): number | undefined => {
  if (expression.kind === "at")
    return expression.at !== undefined && expression.at > after ? expression.at : undefined;
  if (expression.kind === "rate") {
    if (after < anchor) return anchor;
    return anchor + (Math.floor((after - anchor) / expression.everyMs) + 1) * expression.everyMs;
  }
  const { cron, timeZone } = expression;
  let wall = new Date(wallClock(after, timeZone));
  for (;;) {
    const next = cron.nextRun(wall);
    if (!next) return undefined;
    const utc = wallToUtc(next.getTime(), timeZone);
    if (utc !== undefined && utc > after) return utc;
    wall = next;
  }
};
