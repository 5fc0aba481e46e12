import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entriesOf, log } from "./log.schema.ts";
import { pack, unpack } from "./packed-log.ts";

const WINDOW = 31 * 86_400_000;
const params = { algorithm: "sliding-window-log", limit: 10_000, windowMs: WINDOW, burst: 10_000 } as const;
const NOON = Date.UTC(2026, 5, 1, 12);

const taken = (steps: readonly (readonly [gap: number, cost: number])[]) => {
  let now = NOON;
  let state: Parameters<typeof log.take>[0];
  for (const [gap, cost] of steps) {
    now += gap;
    state = log.take(state, params, cost, now).state;
  }
  return { state, now };
};
/** Admissions by millisecond. */
const perMs = (state: NonNullable<Parameters<typeof log.take>[0]>, now: number) => {
  const sums = new Map<number, number>();
  for (const { atMs, cost } of entriesOf(state, params, now)) sums.set(atMs, (sums.get(atMs) ?? 0) + cost);
  return [...sums];
};

describe("a log as bytes", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 1, max: 90 })), {
    minLength: 1,
    maxLength: 60,
  });

  it("is the same log again", () => {
    fc.assert(
      fc.property(steps, (some) => {
        const { state, now } = taken(some);
        const back = state && unpack(pack(state));
        expect(back && perMs(back, now)).toEqual(state && perMs(state, now));
      }),
    );
  });

  it("is the same log again after some was given back and some has left", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 500 }), fc.nat(WINDOW), (some, units, later) => {
        const { state, now } = taken(some);
        const left = log.refund(state, params, units, now + later);
        const back = left && unpack(pack(left));
        for (const cost of [0, 1, 50, 10_000])
          expect(log.peek(back, params, cost, now + later)).toEqual(
            log.peek(left, params, cost, now + later),
          );
      }),
    );
  });

  it("takes less than 10 bytes an admission, however wide the gaps", () => {
    const { state } = taken(Array.from({ length: 100 }, () => [Math.floor(WINDOW / 101), 1] as const));
    expect(state && pack(state).length).toBeLessThan(600);
  });

  it("is told from bytes that are none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const state = unpack(bytes);
        if (state === undefined) return;
        // whatever it reads is a log: times never fall, sums never do
        const { entries } = state;
        for (let place = 2; place < entries.length; place++)
          expect(entries[place]).toBeGreaterThanOrEqual(entries[place - 2] ?? 0);
      }),
    );
    expect(unpack(Uint8Array.of(2, 1))).toBeUndefined();
    expect(unpack(Uint8Array.of(1, 255))).toBeUndefined();
    expect(unpack(Uint8Array.of())).toBeUndefined();
  });
});
