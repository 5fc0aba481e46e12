import { describe, expect, it } from "vitest";
import { entriesOf, type Log, log } from "./log.schema.ts";

const NOON = Date.UTC(2026, 5, 1, 12);

describe("a log", () => {
  const params = { algorithm: "sliding-window-log", limit: 5, windowMs: 60_000, burst: 5 } as const;
  const { take, refund, peek } = log;

  it("shows what is in the window", () => {
    const first = take(undefined, params, 2, NOON).state;
    const second = take(first, params, 3, NOON + 100).state as Log;
    expect(entriesOf(second, params, NOON + 100)).toEqual([
      { atMs: NOON, cost: 2 },
      { atMs: NOON + 100, cost: 3 },
    ]);
    expect(entriesOf(second, params, NOON + 60_000)).toEqual([{ atMs: NOON + 100, cost: 3 }]);
    const given = refund(second, params, 1, NOON + 100) as Log;
    expect(entriesOf(given, params, NOON + 100)).toEqual([
      { atMs: NOON, cost: 1 },
      { atMs: NOON + 100, cost: 3 },
    ]);
  });

  it("does not grow by what left it, nor by what was taken and given back", () => {
    let state: Log | undefined = take(undefined, params, 1, NOON).state;
    for (let n = 0; n < 5_000; n++) {
      state = take(state, params, 1, NOON + n).state;
      state = refund(state, params, 1, NOON + n);
    }
    expect((state as Log).entries.length).toBeLessThan(100);
    for (let n = 0; n < 5_000; n++) state = take(state, params, 1, NOON + n * 20_000).state;
    expect((state as Log).entries.length).toBeLessThan(100);
  });

  it("gives the oldest back first, so that what was served later does not leave early", () => {
    const full = take(take(undefined, params, 1, NOON).state, params, 4, NOON + 30_000).state;
    const given = refund(full, params, 1, NOON + 30_000);
    expect(peek(given, params, 0, NOON + 60_000).remaining).toBe(1);
    expect(peek(given, params, 0, NOON + 90_000).remaining).toBe(5);
  });
});
