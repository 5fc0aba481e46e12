import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { now, rfc3339 } from "#core/kit/clock.ts";
import { type Click, hourOf } from "./click.ts";
import { deviceOf, isRobot, referrerHost, type Visitor } from "./visitor.ts";

/** Clicks in one bucket: with some 30 bytes each its item stays below 1 KB, so that adding to it is 1 WCU. */
export const BUCKET_CLICKS = 28;
const HOT_MS = 2_000; // a bucket that fills in this time: over 14 clicks a second in one environment alone
const SHARDS = 16;

interface Bucket {
  readonly name: string;
  readonly hour: string;
  readonly since: number;
  readonly shard: number;
  used: number;
}

/** Stamps clicks and writes them out. One for each environment; tests make many. */
export const createClickLog = (write: (line: string) => void) => {
  const environment = randomBytes(6).toString("base64url");
  const own = 1 + (randomBytes(1).readUInt8() % (SHARDS - 1));
  const buckets = new LRUCache<string, Bucket>({ max: 5_000 });
  let opened = 0;
  const bucketOf = (link: string, at: number): Bucket => {
    const last = buckets.get(link);
    const hour = hourOf(at);
    if (last && last.hour === hour && last.used < BUCKET_CLICKS) return last;
    // Most links live in shard 0, the only one a reader need ask for. One that is hot here is spread over partitions.
    const hot = last !== undefined && last.used >= BUCKET_CLICKS && at - last.since < HOT_MS;
    const name = `${environment}.${(opened++).toString(36)}`;
    const bucket = { name, hour, since: at, shard: hot ? own : 0, used: 0 };
    buckets.set(link, bucket);
    return bucket;
  };
  /** Counts a click by writing one line. No call is made: the log is the queue. */
  return (link: string, visitor: Visitor): void => {
    const at = now();
    const bucket = bucketOf(link, at);
    const click: Click & { level: string } = {
      level: "INFO", // Lambda drops lines without one when it filters by level
      timestamp: rfc3339(at),
      event: "link.clicked",
      link,
      bucket: bucket.name,
      shard: bucket.shard,
      n: bucket.used++,
      country: visitor.country ?? "",
      referrer: referrerHost(visitor),
      device: deviceOf(visitor),
      bot: isRobot(visitor),
    };
    write(`${JSON.stringify(click)}\n`);
  };
};

/** This environment's clicks, straight to standard output: `console.log` would wrap the line in another. */
export const logClick = createClickLog((line) => void process.stdout.write(line));
