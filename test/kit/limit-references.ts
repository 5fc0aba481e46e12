import type { Params } from "../../core/limits/decision.schema.ts";
import type { AlgorithmName } from "../../core/limits/rule.schema.ts";

/** The textbook form of an algorithm: slow, plain, exact. Each changes only when it takes or gives back. */
export interface Reference {
  /** Units that could be taken. */
  left(nowMs: number): number;
  waitMs?(nowMs: number): number;
  take(cost: number, nowMs: number): void;
  refund(cost: number, nowMs: number): void;
}

const us = (ms: number) => BigInt(ms) * 1_000n;
const unitOf = ({ windowMs, limit }: Params) => (us(windowMs) + BigInt(limit) - 1n) / BigInt(limit);
const least = (a: bigint, b: bigint) => (a < b ? a : b);
const most = (a: bigint, b: bigint) => (a > b ? a : b);

/** Tokens drip in, one an interval, up to the capacity; counted in fractions of an interval. */
const tokenBucket = (params: Params): Reference => {
  const unit = unitOf(params);
  const capacity = BigInt(params.burst) * unit;
  let [tokens, at] = [capacity, 0n];
  const refilled = (now: bigint) => least(capacity, tokens + now - at);
  return {
    left: (now) => Number(most(refilled(us(now)), 0n) / unit),
    take: (cost, now) => {
      [tokens, at] = [refilled(us(now)) - BigInt(cost) * unit, us(now)];
    },
    refund: (cost, now) => {
      [tokens, at] = [least(capacity, refilled(us(now)) + BigInt(cost) * unit), us(now)];
      if (tokens === capacity) at = 0n;
    },
  };
};

/** Continuous-state leaky bucket of I.371: X leaks one a microsecond since the last time it conformed. */
const leakyBucket = (params: Params): Reference => {
  const unit = unitOf(params);
  let [level, at] = [0n, 0n];
  const leaked = (now: bigint) => most(level - (now - at), 0n);
  return {
    left: (now) => Number(most(BigInt(params.burst) * unit - leaked(us(now)), 0n) / unit),
    take: (cost, now) => {
      [level, at] = [leaked(us(now)) + BigInt(cost) * unit, us(now)];
    },
    refund: (cost, now) => {
      [level, at] = [most(leaked(us(now)) - BigInt(cost) * unit, 0n), us(now)];
      if (level === 0n) at = 0n;
    },
  };
};

/** Virtual scheduling: a cell conforms if it comes no earlier than the time it was expected, less the tolerance. */
const gcra = (params: Params): Reference => {
  const unit = unitOf(params);
  const tolerance = BigInt(params.burst - 1) * unit;
  let expected = 0n;
  return {
    left: (now) => {
      let [cells, next] = [0, most(expected, us(now))];
      while (next <= us(now) + tolerance) [cells, next] = [cells + 1, next + unit];
      return cells;
    },
    take: (cost, now) => {
      for (let cell = 0; cell < cost; cell++) expected = most(expected, us(now)) + unit;
    },
    refund: (cost, now) => {
      const before = expected - BigInt(cost) * unit;
      expected = before <= us(now) ? 0n : before;
    },
  };
};

/** A line of units, each with the moment at which it will have been served. */
const leakyQueue = (params: Params): Reference => {
  const unit = unitOf(params);
  let line: bigint[] = [];
  const idle = (now: number) => most(line.at(-1) ?? 0n, us(now));
  return {
    left: (now) => Number(most(BigInt(params.burst) * unit - (idle(now) - us(now)), 0n) / unit),
    waitMs: (now) => Number((idle(now) - us(now) + 999n) / 1_000n),
    take: (cost, now) => {
      for (let n = 0; n < cost; n++) line.push(idle(now) + unit);
    },
    refund: (cost, now) => {
      const end = idle(now) - BigInt(cost) * unit;
      line = end > us(now) ? [end] : [];
    },
  };
};

/** A count for each window; the latest that was written is never left for an earlier one. */
const windows = (params: Params) => {
  const { windowMs } = params;
  let counts = new Map<number, number>();
  const latest = () => Math.max(-1, ...counts.keys());
  const at = (now: number) => Math.max(latest(), Math.floor(now / windowMs));
  const count = (index: number) => counts.get(index) ?? 0;
  const keep = (index: number, current: number, before: number) => {
    counts = new Map(
      current + before > 0
        ? [
            [index, current],
            [index - 1, before],
          ]
        : [],
    );
  };
  return {
    at,
    count,
    take: (cost: number, now: number) => keep(at(now), count(at(now)) + cost, count(at(now) - 1)),
    refund: (cost: number, now: number) => {
      const [current, before] = [count(at(now)), count(at(now) - 1)];
      keep(at(now), Math.max(current - cost, 0), Math.max(before - Math.max(cost - current, 0), 0));
    },
  };
};

const fixedWindow = (params: Params): Reference => {
  const counted = windows(params);
  return { ...counted, left: (now) => Math.max(params.limit - counted.count(counted.at(now)), 0) };
};

/** limit - (previous x share of it still in the window + current), as a fraction over the window's length. */
const slidingCounter = (params: Params): Reference => {
  const counted = windows(params);
  return {
    ...counted,
    left: (now) => {
      const index = counted.at(now);
      const length = BigInt(params.windowMs);
      const elapsed = most(BigInt(now) - BigInt(index) * length, 0n);
      const used =
        BigInt(counted.count(index - 1)) * (length - elapsed) + BigInt(counted.count(index)) * length;
      return Number(most(BigInt(params.limit) * length - used, 0n) / length);
    },
  };
};

/** Every unit with its moment. */
const slidingLog = (params: Params): Reference => {
  let units: number[] = [];
  const inWindow = (now: number) => units.filter((at) => at > now - params.windowMs);
  return {
    left: (now) => Math.max(params.limit - inWindow(now).length, 0),
    take: (cost, now) => {
      const held = inWindow(now);
      const at = Math.max(now, held.at(-1) ?? 0);
      units = [...held, ...Array.from({ length: cost }, () => at)];
    },
    refund: (cost, now) => {
      units = inWindow(now).slice(cost);
    },
  };
};

/** The reference of each algorithm. */
export const referenceOf: Readonly<Record<AlgorithmName, (params: Params) => Reference>> = {
  "token-bucket": tokenBucket,
  "leaky-bucket": leakyBucket,
  "leaky-queue": leakyQueue,
  gcra,
  "fixed-window": fixedWindow,
  "sliding-window-log": slidingLog,
  "sliding-window-counter": slidingCounter,
};
