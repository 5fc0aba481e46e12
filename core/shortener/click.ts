import * as v from "valibot";
import { rfc3339 } from "#core/kit/clock.ts";
import { Device } from "./link.schema.ts";

const Small = v.pipe(v.number(), v.integer(), v.minValue(0));

/**
 * One followed link, as the redirect's log line says it. The line is stamped with the bucket it counts in when it is written:
 * however often and in whatever order it is delivered, it lands in the same set as the same member.
 */
export const Click = v.object({
  event: v.literal("link.clicked"),
  link: v.pipe(v.string(), v.regex(/^lnk_[0-9A-Z]{26}$/)),
  timestamp: v.pipe(v.string(), v.isoTimestamp()),
  /** Written by one environment only: its random name and a number. */
  bucket: v.pipe(v.string(), v.regex(/^[\w-]{8}\.[0-9a-z]{1,9}$/)),
  shard: v.pipe(Small, v.maxValue(63)),
  /** Place in the bucket: with the bucket's name, the click's id. */
  n: v.pipe(Small, v.maxValue(1_000)),
  country: v.pipe(v.string(), v.regex(/^([A-Z]{2})?$/)),
  referrer: v.pipe(v.string(), v.maxLength(64)),
  device: Device,
  bot: v.boolean(),
});
export type Click = v.InferOutput<typeof Click>;

/** UTC hour, `2026-11-23T21`. Buckets never span two. */
export const hourOf = (ms: number): string => rfc3339(ms).slice(0, 13);

/** UTC day, `2026-11-23`. */
export const dayOf = (ms: number): string => rfc3339(ms).slice(0, 10);

const LETTERS = { desktop: "d", mobile: "m", tablet: "t" } as const;
const DEVICES: Readonly<Record<string, Device>> = { d: "desktop", m: "mobile", t: "tablet" };

/** A click as a member of its bucket's set: some 12 bytes and the referrer's host. */
export const toRecord = (click: Click): string => {
  const second = Math.floor((Date.parse(click.timestamp) % 3_600_000) / 1000);
  const who = `${click.country}${LETTERS[click.device]}${click.bot ? "b" : ""}`;
  return [click.n.toString(36), second.toString(36), who, click.referrer].join(":");
};

/** What a record tells; the hour is the bucket's. */
export interface Seen {
  readonly at: number;
  readonly country: string;
  readonly referrer: string;
  readonly device: Device;
  readonly bot: boolean;
}

/** The inverse of `toRecord`. */
export const fromRecord = (record: string, hour: string): Seen => {
  const [, second = "0", who = "", ...referrer] = record.split(":");
  const [, country = "", letter = "d", bot] = /^([A-Z]{2})?([dmt])(b)?$/.exec(who) ?? [];
  return {
    at: Date.parse(`${hour}:00:00.000Z`) + Number.parseInt(second, 36) * 1000,
    country,
    referrer: referrer.join(":"),
    device: DEVICES[letter] ?? "desktop",
    bot: bot !== undefined,
  };
};
