import { Problem } from "#core/kit/problem.ts";
import type { Asked } from "./asked.ts";
import type { Decision } from "./decision.schema.ts";
import type { DecidedBy } from "./judgement.ts";
import { hereStore, isResting, noteFailure, sharedStore } from "./stores.ts";

/** What was decided about one level. */
export interface Decided {
  readonly asked: Asked;
  readonly decision: Decision;
  readonly decidedBy: DecidedBy;
}

/** Decides on all levels or none: what one denies is taken from no other. Answers those that were asked. */
export const decideAll = async (asked: readonly Asked[], at: number): Promise<readonly Decided[]> => {
  const here = asked.filter((one) => one.here);
  const shared = asked.filter((one) => !one.here);
  // What costs nothing is asked first, and given back if the others deny: meanwhile it may refuse too much, never too little.
  const first = takeHere(here, at);
  if (!allows(first) || shared.length === 0) return first;
  const rest = await takeShared(shared, at).catch(async (error: unknown) => {
    await giveBack(here, at);
    throw error;
  });
  if (!allows(rest)) await giveBack(here, at);
  return [...first, ...rest];
};

const allows = (decided: readonly Decided[]) => decided.every(({ decision }) => decision.allowed);

const giveBack = (asked: readonly Asked[], at: number) =>
  Promise.all(asked.map(({ take }) => hereStore().refund(take, at)));

const takeHere = (asked: readonly Asked[], at: number): readonly Decided[] =>
  asked.length === 0
    ? []
    : zip(
        asked,
        hereStore().decide(
          asked.map(({ take }) => take),
          at,
        ),
        "local",
      );

const zip = (asked: readonly Asked[], decisions: readonly Decision[], decidedBy: DecidedBy): Decided[] =>
  asked.flatMap((one, index) => {
    const decision = decisions[index];
    return decision ? [{ asked: one, decision, decidedBy: decision.by ?? decidedBy }] : [];
  });

const takeShared = async (asked: readonly Asked[], at: number): Promise<readonly Decided[]> => {
  if (isResting()) return withoutStore(asked, at);
  try {
    const store = await sharedStore();
    return zip(
      asked,
      await store.take(
        asked.map(({ take }) => take),
        at,
      ),
      "store",
    );
  } catch (error) {
    // The store works and cannot say who came first: to estimate would admit more than the limit.
    if (error instanceof Problem && asked.some(({ rule }) => rule.onFailure !== "open")) throw error;
    noteFailure(error);
    return withoutStore(asked, at);
  }
};

const OPEN = { allowed: true, resetMs: 0, retryAfterMs: 0, waitMs: 0 };
/** Asked again so soon, the store may be back. */
const CLOSED = { allowed: false, remaining: 0, resetMs: 1_000, retryAfterMs: 1_000, waitMs: 0 };

/** The store failed: each rule says what that means. One that is closed denies, and then nothing is taken from the others. */
const withoutStore = (asked: readonly Asked[], at: number): readonly Decided[] => {
  const choose = (choice: string) => asked.filter(({ rule }) => rule.onFailure === choice);
  const closed = choose("closed").map((one) => ({
    asked: one,
    decision: CLOSED,
    decidedBy: "closed" as const,
  }));
  if (closed.length > 0) return closed;
  const open = choose("open").map((one) => ({
    asked: one,
    decidedBy: "open" as const,
    decision: { ...OPEN, remaining: one.take.params.burst },
  }));
  return [...takeHere(choose("local"), at), ...open];
};
