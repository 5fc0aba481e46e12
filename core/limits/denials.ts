import { LRUCache } from "lru-cache";
import { type Decision, type Params, sameParams, type Take } from "./decision.schema.ts";
import { RULES_TTL_MS } from "./policies.schema.ts";
import type { LimitStore } from "./store.ts";

/** Keys whose denials are remembered: some 300 bytes each; the least recently asked goes first, and costs a call again. */
const MAX_KEYS = 50_000;
/** Costs of a key: each has its own retry. What denies 10 need not deny 1. */
const MAX_COSTS = 8;

interface Said {
  readonly decision: Decision;
  /** When it was said, in ms since the epoch. */
  readonly at: number;
}
interface Remembered {
  readonly params: Params;
  readonly denials: Map<number, Said>;
  /** What the level said last, as long as it let pass: told again where another level denies. */
  passed?: Said;
}

const later = ({ decision, at }: Said, now: number): Decision => {
  const gone = Math.max(0, now - at);
  return {
    ...decision,
    resetMs: Math.max(0, decision.resetMs - gone),
    retryAfterMs: Math.max(0, decision.retryAfterMs - gone),
  };
};

/** What was denied, by key and cost. */
const createMemory = (maxKeys: number) => {
  const memory = new LRUCache<string, Remembered>({ max: maxKeys });
  // A denial that was on its way while its key was given something back is not remembered.
  const lastGiven = new LRUCache<string, number>({ max: maxKeys });
  let given = 0;

  const of = ({ key, params }: Take): Remembered => {
    const found = memory.get(key);
    if (found && sameParams(found.params, params)) return found;
    const made = { params, denials: new Map<number, Said>() };
    memory.set(key, made);
    return made;
  };
  const denial = (take: Take, now: number): Decision | undefined => {
    const { denials } = of(take);
    const said = denials.get(take.cost);
    if (!said) return undefined;
    if (now < said.at + Math.min(said.decision.retryAfterMs, RULES_TTL_MS))
      return { ...later(said, now), by: "memory" };
    denials.delete(take.cost);
    return undefined;
  };
  /** `since`: what `begin` said before the store was asked. */
  const note = (take: Take, decision: Decision, at: number, since: number) => {
    if ((lastGiven.get(take.key) ?? 0) > since) return;
    const kept = of(take);
    if (decision.allowed) {
      kept.passed = { decision, at };
      return;
    }
    const [oldest] = kept.denials.keys();
    if (oldest !== undefined && kept.denials.size >= MAX_COSTS) kept.denials.delete(oldest);
    kept.denials.set(take.cost, { decision, at });
  };
  const forget = (key: string) => {
    lastGiven.set(key, ++given);
    memory.delete(key);
  };
  return { of, denial, note, forget, begin: () => given };
};

/**
 * A store that remembers denials: until the moment of its retry a key that was denied is denied again without a call, but for one
 * in `RULES_TTL_MS`. For time alone brings units back, or another process, by a refund or a reset: that is seen here within as long.
 * What this one gives back or resets, and a rule that changed, is seen at once. A clock that went back finds the denial standing.
 */
export const denials = (store: LimitStore, { maxKeys = MAX_KEYS } = {}): LimitStore => {
  const { of, denial, note, forget, begin } = createMemory(maxKeys);
  const untouched = async (take: Take, now: number): Promise<Decision> => {
    const { passed } = of(take);
    if (passed) return later(passed, now);
    const look = await store.peek({ ...take, cost: 0 }, now);
    if (!look.allowed || look.remaining < take.cost) return store.peek(take, now);
    of(take).passed = { decision: look, at: now };
    return look;
  };
  /** What comes back may come late: a denial that overtakes it is forgotten as well. */
  const around = async (key: string, work: Promise<void>) => {
    forget(key);
    await work.finally(() => forget(key));
  };

  return {
    name: store.name,
    take: async (takes, now) => {
      const known = takes.map((take) => denial(take, now));
      if (known.some((decision) => decision !== undefined))
        return Promise.all(takes.map(async (take, index) => known[index] ?? untouched(take, now)));
      const since = begin();
      const decisions = await store.take(takes, now);
      for (const [index, decision] of decisions.entries()) {
        const take = takes[index];
        // one level alone: nobody will ask what it said while another denies
        if (take && !(decision.allowed && takes.length === 1)) note(take, decision, now, since);
      }
      return decisions;
    },
    peek: (take, now) => store.peek(take, now),
    refund: (take, now) => around(take.key, store.refund(take, now)),
    reset: (take, now) => around(take.key, store.reset(take, now)),
  };
};
