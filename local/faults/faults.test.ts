import { describe, expect, it } from "vitest";
import { systemClock } from "../kit/clock.ts";
import { createFaults, type Faults } from "./faults.ts";
import { latencyOf } from "./latency.ts";
import type { Point } from "./match.ts";
import { drawOf } from "./random.ts";
import type { FaultKind, Rule } from "./rule.schema.ts";

const ALL: readonly FaultKind[] = ["throttle", "error", "drop", "latency", "crash", "outage"];
const point = (changes: Partial<Point> = {}): Point => ({
  service: "dynamodb",
  operation: ["PutItem"],
  function: ["Lend", "library-local-Lend", "arn:aws:lambda:eu-west-1:1:function:library-local-Lend"],
  target: ["Books", "arn:aws:dynamodb:eu-west-1:1:table/Books"],
  key: ["BOOK#1/LOAN#2"],
  ...changes,
});

/** Strikes `times` times at one point; which of them hit. */
const run = (faults: Faults, times: number, at: Point | ((n: number) => Point) = point()): number[] => {
  const hits: number[] = [];
  for (let n = 1; n <= times; n++) {
    for (const { note } of faults.strike(typeof at === "function" ? at(n) : at, ALL)) {
      note();
      hits.push(n);
    }
  }
  return hits;
};

const withRule = (rule: Rule, clock = systemClock()) => {
  const faults = createFaults(clock);
  faults.add({ id: "r", ...rule });
  return faults;
};

describe("what a rule is on", () => {
  it.each<[Rule["on"], boolean]>([
    [{}, true],
    [{ service: "dynamodb" }, true],
    [{ service: "dynamo" }, false],
    [{ operation: "Put*" }, true],
    [{ operation: ["GetItem", "PutItem"] }, true],
    [{ operation: "/^(Put|Get)item$/i" }, true],
    [{ operation: "/^Get/" }, false],
    [{ function: "Lend" }, true],
    [{ function: "*:function:library-*" }, true],
    [{ function: "Len" }, false],
    [{ target: "Books" }, true],
    [{ target: "arn:aws:dynamodb:*" }, true],
    [{ key: "BOOK#?/LOAN#*" }, true],
    [{ key: "LOAN#*" }, false],
    [{ key: "BOOK#1.LOAN#2" }, false],
    [{ service: "dynamodb", key: "x" }, false],
  ])("%j matches: %s", (on, expected) => {
    expect(run(withRule({ ...(on ? { on } : {}), fault: { kind: "drop" } }), 1)).toEqual(expected ? [1] : []);
  });

  it("a rule about a function is on nothing where there is none", () => {
    const faults = withRule({ on: { function: "*" }, fault: { kind: "drop" } });
    expect(run(faults, 1, point({ function: [] }))).toEqual([]);
  });

  it("a rule strikes only where its kind can", () => {
    const faults = withRule({ fault: { kind: "skew", ms: 1 } });
    expect(run(faults, 3)).toEqual([]);
    expect(faults.list()[0]).toMatchObject({ seen: 0, injected: 0 });
  });
});

describe("when a rule strikes", () => {
  it.each<[Rule["when"], readonly number[]]>([
    [{}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [{ nth: 3 }, [3]],
    [{ nth: [1, 9] }, [1, 9]],
    [{ every: 4 }, [4, 8]],
    [{ times: 2 }, [1, 2]],
    [{ first: 3, every: 2 }, [2]],
    [{ every: 2, times: 2 }, [2, 4]],
    [{ probability: 0 }, []],
    [{ probability: 1, first: 1 }, [1]],
  ])("%j", (when, expected) => {
    expect(run(withRule({ ...(when ? { when } : {}), fault: { kind: "drop" } }), 10)).toEqual(expected);
  });

  it("from a time to a time after it was added", () => {
    const clock = systemClock();
    const faults = withRule({ when: { after: 1_000, until: 5_000 }, fault: { kind: "drop" } }, clock);
    expect(run(faults, 1)).toEqual([]);
    clock.advance(1_000);
    expect(run(faults, 2)).toEqual([1, 2]);
    clock.advance(4_000);
    expect(run(faults, 1)).toEqual([]);
  });

  it("counts apart for each invocation", () => {
    const faults = withRule({ when: { nth: 2, per: "invocation" }, fault: { kind: "crash" } });
    expect(run(faults, 6, (n) => point({ invocation: n % 2 ? "a" : "b" }))).toEqual([3, 4]);
  });

  it("an outage lasts from its first strike on, however often it is asked", () => {
    const clock = systemClock();
    const faults = withRule({ when: { nth: 2 }, fault: { kind: "outage", ms: 60_000 } }, clock);
    expect(faults.out(point())).toBe(false);
    expect(run(faults, 5)).toEqual([2, 3, 4, 5]);
    expect([faults.out(point()), faults.list()[0]?.seen]).toEqual([true, 5]);
    clock.advance(60_001);
    expect(faults.out(point())).toBe(false);
    expect(run(faults, 5)).toEqual([]);
  });
});

describe("repeatability", () => {
  const chance = (): Rule => ({ id: "chance", when: { probability: 0.3 }, fault: { kind: "drop" } });
  const other = (): Rule => ({ id: "other", when: { probability: 0.5 }, fault: { kind: "throttle" } });
  const logOf = (faults: Faults) => faults.log().map(({ at: _, ...entry }) => entry);

  it("the same seed gives the same log, another seed another", () => {
    const once = (seed: number) => {
      const faults = createFaults(systemClock());
      faults.seed(seed);
      faults.add(chance());
      faults.add(other());
      run(faults, 200);
      return logOf(faults);
    };
    expect(once(7)).toEqual(once(7));
    expect(once(8)).not.toEqual(once(7));
    expect(once(7).length).toBeGreaterThan(100);
  });

  it("one rule's strikes do not hang on another rule's", () => {
    const alone = createFaults(systemClock());
    alone.add(chance());
    run(alone, 100);
    const both = createFaults(systemClock());
    both.add(other());
    both.add(chance());
    run(both, 100);
    const mine = logOf(both).filter(({ rule }) => rule === "chance");
    expect(mine).toEqual(logOf(alone));
  });

  it("a replay makes the same faults, without a probability", () => {
    const faults = createFaults(systemClock());
    faults.seed("abc");
    faults.add(chance());
    faults.add(other());
    run(faults, 100);
    const again = createFaults(systemClock());
    again.seed("abc");
    for (const rule of faults.replay()) again.add(rule);
    run(again, 100);
    expect(logOf(again)).toEqual(logOf(faults));
  });

  it("seeding anew counts from one and keeps the rules", () => {
    const faults = withRule({ when: { nth: 1 }, fault: { kind: "drop" } });
    expect(run(faults, 2)).toEqual([1]);
    faults.seed(2);
    expect([faults.log(), faults.list()[0]?.seen]).toEqual([[], 0]);
    expect(run(faults, 2)).toEqual([1]);
  });

  it("draws are even, and differ by name", () => {
    const draws = Array.from({ length: 5_000 }, (_, n) => drawOf("1", "r", n)("strike"));
    const tenths = Array.from({ length: 10 }, (_, n) => draws.filter((d) => Math.floor(d * 10) === n).length);
    for (const tenth of tenths) expect(tenth).toBeGreaterThan(400);
    expect(drawOf("1", "r", 1)("a")).not.toBe(drawOf("1", "r", 1)("b"));
  });
});

describe("latency", () => {
  const sample = (distribution: "fixed" | "uniform" | "exponential" | "pareto") =>
    Array.from({ length: 2_000 }, (_, n) =>
      latencyOf({ kind: "latency", ms: 100, distribution }, drawOf("1", "r", n)),
    );
  const mean = (list: number[]) => list.reduce((sum, each) => sum + each, 0) / list.length;

  it("is fixed, up to, around or at least what the rule says", () => {
    expect(new Set(sample("fixed"))).toEqual(new Set([100]));
    expect(Math.max(...sample("uniform"))).toBeLessThanOrEqual(100);
    expect(mean(sample("uniform"))).toBeGreaterThan(45);
    expect(mean(sample("exponential"))).toBeGreaterThan(85);
    expect(mean(sample("exponential"))).toBeLessThan(115);
    expect(Math.min(...sample("pareto"))).toBeGreaterThanOrEqual(100);
    expect(Math.max(...sample("pareto"))).toBeGreaterThan(1_000);
  });

  it("never goes above the rule's most", () => {
    const fault = { kind: "latency", ms: 100, distribution: "pareto", max: 150 } as const;
    for (let n = 0; n < 500; n++) expect(latencyOf(fault, drawOf("1", "r", n))).toBeLessThanOrEqual(150);
  });
});

describe("what is no rule", () => {
  const refusal = (rule: unknown) => {
    try {
      createFaults(systemClock()).add(rule as Rule);
    } catch (error) {
      return (error as Error).message;
    }
    return "taken";
  };

  it.each<[unknown, RegExp]>([
    [{}, /\/fault is missing/],
    [{ fault: { kind: "explode" } }, /\/fault\/kind is no kind of fault/],
    [{ fault: { kind: "drop" }, whem: {} }, /\/whem is unknown here/],
    [{ fault: { kind: "latency" } }, /\/fault\/ms is missing/],
    [{ fault: { kind: "throttle", status: 400 } }, /\/fault\/status is unknown here/],
    [{ fault: { kind: "drop" }, when: { probability: 2 } }, /\/when\/probability is above 1/],
    [{ fault: { kind: "drop" }, when: { nth: 0 } }, /\/when\/nth/],
    [{ fault: { kind: "drop" }, when: { after: 10, until: 5 } }, /\/when\/until is not later/],
    [{ fault: { kind: "drop" }, on: { key: "/(/" } }, /\/on\/key/],
    [{ id: "a b", fault: { kind: "drop" } }, /\/id takes/],
    [null, /No rule: it/],
    ["drop", /No rule: it/],
  ])("%j is refused by name", (rule, message) => {
    expect(refusal(rule)).toMatch(message);
  });

  it("an id is taken once", () => {
    const faults = withRule({ fault: { kind: "drop" } });
    expect(() => faults.add({ id: "r", fault: { kind: "drop" } })).toThrow(/"r" is taken/);
    expect([faults.remove("r"), faults.remove("r"), faults.active()]).toEqual([true, false, false]);
  });
});
