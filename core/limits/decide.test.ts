import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Problem, parse } from "../kit/problem.ts";
import type { Asked } from "./asked.ts";
import { decideAll } from "./decide.ts";
import { paramsOf } from "./decision.schema.ts";
import { memoryStore } from "./memory-store.ts";
import { type NewRule, Rule } from "./rule.schema.ts";
import { hereStore, setStores } from "./stores.ts";

const NOON = Date.UTC(2026, 5, 1, 12);

const asked = (limit: number, here: boolean, changes: Partial<NewRule> = {}): Asked => {
  const input = { name: "r", algorithm: "gcra", limit, window: 60, scope: "user", ...changes };
  const rule = parse(Rule, input);
  const key = randomUUID();
  return { rule, key, here, entries: [], take: { key, params: paramsOf(rule), cost: 1, lease: 0 } };
};
const leftHere = async ({ take }: Asked) => (await hereStore().peek({ ...take, cost: 0 }, NOON)).remaining;
const says = async (levels: readonly Asked[]) =>
  (await decideAll(levels, NOON)).map(({ decision, decidedBy }) => `${decision.allowed} ${decidedBy}`);

describe("a decision by levels counted here and levels that all processes share", () => {
  beforeEach(() => setStores(memoryStore()));
  afterEach(() => setStores());

  it("takes nothing here of what a shared level denies", async () => {
    const [here, shared] = [asked(10, true), asked(1, false)];
    expect(await says([here, shared])).toEqual(["true local", "true store"]);
    for (let n = 0; n < 5; n++)
      expect(await says([here, shared])).toContainEqual(expect.stringMatching("false"));
    expect(await leftHere(here)).toBe(9);
  });

  it("asks no shared level for what is denied here", async () => {
    const [here, shared] = [asked(1, true), asked(10, false)];
    await says([here, shared]);
    expect(await says([here, shared])).toEqual(["false local"]);
    expect(await says([shared])).toEqual(["true store"]);
  });
});

describe("a store that works, and cannot say who came first", () => {
  const never = () => Promise.reject(new Problem("unavailable", "Too many decide on this key at once"));
  beforeEach(() => setStores({ ...memoryStore(), take: never }));
  afterEach(() => setStores());

  it.each(["local", "closed"] as const)("is not estimated for a rule that is %s", async (onFailure) => {
    const [here, shared] = [asked(10, true), asked(10, false, { onFailure })];
    await expect(decideAll([here, shared], NOON)).rejects.toMatchObject({ kind: "unavailable" });
    expect(await leftHere(here)).toBe(10);
  });

  it("is passed by where the rule is open", async () => {
    expect(await says([asked(10, false, { onFailure: "open" })])).toEqual(["true open"]);
  });
});
