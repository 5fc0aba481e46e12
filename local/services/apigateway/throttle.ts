import type { Clock } from "../../kit/clock.ts";

/** Takes one token; false when the caller has to be refused. */
export type Take = () => boolean;

/** A token bucket as API Gateway throttles: `burst` tokens deep, refilled at `rate` a second. */
export const tokenBucket = (clock: Clock, rate: number, burst: number): Take => {
  let tokens = burst;
  let last = clock.now();
  return () => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + ((now - last) * rate) / 1000);
    last = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
};

/** When the quota's current period began: days and months by UTC, weeks from Sunday, all shifted by `offset` days. */
export const periodStart = (nowMs: number, period: string, offset = 0): number => {
  const day = 86_400_000;
  const now = new Date(nowMs);
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  if (period === "DAY") return midnight;
  if (period === "WEEK") return midnight - ((now.getUTCDay() - offset + 7) % 7) * day;
  const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1) + offset * day;
  return first <= nowMs ? first : Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1) + offset * day;
};

/** Counts requests per period and refuses those beyond `limit`. */
export const quota = (clock: Clock, limit: number, period: string, offset = 0): Take => {
  let start = -1;
  let used = 0;
  return () => {
    const current = periodStart(clock.now(), period, offset);
    if (current !== start) {
      start = current;
      used = 0;
    }
    used += 1;
    return used <= limit;
  };
};
