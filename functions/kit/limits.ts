import { setTimeout as hold } from "node:timers/promises";
import type { NamedLimit, Operation } from "#core/kit/api.schema.ts";
import { log } from "#core/kit/log.ts";
import type { ProblemKind } from "#core/kit/problem.ts";
import { addressKey } from "#core/limits/address.ts";
import { levelsOf } from "#core/limits/guards.ts";
import { limitHeaders, refusal } from "#core/limits/headers.ts";
import type { JudgedLevel, Judgement, Level, Who } from "#core/limits/judgement.ts";
import { judge, refund } from "#core/limits/limiter.ts";

/** Milliseconds a request is held for a leaky queue at most: a function that waits is paid for. Who would wait longer is refused. */
export const MAX_HOLD_MS = 2_000;

/** What a handler tells of a request: whom a limit counts it to, or how many units it costs. */
export type FactValues = Readonly<Record<string, string | number>>;

type Counted = Pick<Operation, "limits" | "cost">;
type BuiltIn = "user" | "ip" | "connection";
type CostOf<O> = O extends { readonly cost: infer C extends string } ? C : never;
type ByOf<O> = O extends { readonly limits: readonly (infer L extends NamedLimit)[] }
  ? L["by"][number]
  : never;

/** The facts that an operation's limits ask of its requests, by name; nothing where they ask none. */
export type FactsOf<O extends Counted, R> = [CostOf<O> | Exclude<ByOf<O>, BuiltIn>] extends [never]
  ? []
  : [
      { readonly [N in Exclude<ByOf<O>, BuiltIn>]: (request: R) => string } & {
        readonly [N in CostOf<O>]: (request: R) => number;
      },
    ];

/** The facts of one request. */
export const factsOf = <R>(
  facts: Readonly<Record<string, (request: R) => string | number>> | undefined,
  request: R,
): FactValues => Object.fromEntries(Object.entries(facts ?? {}).map(([name, tell]) => [name, tell(request)]));

/** Who is judged, for what. */
export interface Guarded {
  readonly limit: Operation["limit"];
  readonly limits?: readonly NamedLimit[];
  readonly cost?: string;
  /** `POST /api/v1/shorten`. */
  readonly route: string;
  readonly who: Who & { readonly ip: string };
  /** Of a WebSocket. */
  readonly connection?: string;
}

/** The limits of one request, from its arrival to its answer. */
export interface Guard {
  /** Judges by the rules of the class, and by those named that need nothing but who asks. Throws where one refuses. */
  readonly enter: () => Promise<void>;
  /** Judges by the rest, once the request is read. */
  readonly enterBy: (facts: FactValues) => Promise<void>;
  /** Gives back what the outcome does not make count; `undefined`: the request succeeded. */
  readonly settle: (outcome: ProblemKind | undefined) => Promise<void>;
  /** What the answer says of the limits. */
  readonly headers: (status: number) => Readonly<Record<string, string>>;
}

interface Taken {
  readonly levels: readonly Level[];
  readonly only: readonly ProblemKind[];
}

const isBuiltIn = (name: string) => ["user", "ip", "connection"].includes(name);

// No address and no id holds a space; a fact that does could at the worst share its own count.
const levelOf = ({ rule, by }: NamedLimit, facts: FactValues): Level => ({
  rule,
  key: by.map((name) => String(facts[name] ?? "")).join(" "),
});

/** Guards one request. Each step is all or nothing; what an earlier step took stays taken: the request did come. */
export const guard = (guarded: Guarded): Guard => {
  const { who, route, limit, cost } = guarded;
  const named = (guarded.limits ?? []).filter(({ of }) => of !== "anonymous" || who.user === undefined);
  const early = named.filter(({ by }) => by.every(isBuiltIn));
  const late = named.filter((one) => !early.includes(one));
  const ofClass = levelsOf({ limit, route, ip: who.ip, ...(who.user !== undefined && { user: who.user }) });
  const builtIn = { ip: addressKey(who.ip), user: who.user ?? "", connection: guarded.connection ?? "" };
  const judged: Judgement[] = [];
  const taken: Taken[] = [];
  const takeNamed = async (limits: readonly NamedLimit[], facts: FactValues, before: readonly Level[]) => {
    const levels = limits.map((one) => levelOf(one, { ...facts, ...builtIn }));
    const counted = await admit([...before, ...levels], who, 1, judged);
    for (const [n, { only }] of limits.entries())
      if (only) taken.push({ only, levels: counted.filter((one) => isSame(one, levels[n])) });
  };
  return {
    enter: () => takeNamed(early, {}, ofClass),
    enterBy: async (facts) => {
      await takeNamed(late, facts, []);
      // The request itself was counted as it came.
      if (cost !== undefined) await admit(ofClass, who, Number(facts[cost] ?? 1) - 1, judged);
    },
    settle: async (outcome) => {
      const back = taken.splice(0).filter(({ only }) => outcome === undefined || !only.includes(outcome));
      await giveBack(back.flatMap(({ levels }) => levels));
    },
    headers: (status) => limitHeaders(merged(judged), status),
  };
};

const isSame = (one: Level, other: Level | undefined) => one.rule === other?.rule && one.key === other.key;

/** Judges, notes what was said, and holds a request whose turn is yet to come. Answers what was taken; throws where it is refused. */
const admit = async (
  levels: readonly Level[],
  who: Who,
  units: number,
  judged: Judgement[],
): Promise<readonly Level[]> => {
  if (levels.length === 0 || units < 1) return [];
  const judgement = await inTime(await judge(levels, who, units), units);
  judged.push(judgement);
  if (!judgement.allowed) throw refusal(judgement);
  if (judgement.waitMs > 0) await hold(judgement.waitMs);
  return takenBy(judgement);
};

// Nothing was taken of who is on the allow list, nor where the store failed and the rule let through.
const takenBy = ({ levels }: Judgement): Level[] =>
  levels
    .filter(
      ({ decision, decidedBy }) => decision.allowed && decidedBy !== "allow-list" && decidedBy !== "open",
    )
    .map(({ rule, key }) => ({ rule: rule.name, key }));

// What was not given back runs out by itself: no answer is spoiled for it.
const giveBack = async (levels: readonly Level[], units = 1): Promise<void> => {
  if (levels.length === 0) return;
  await refund(levels, units).catch((error: unknown) =>
    log.warn("a limit was not given back", {
      reason: error instanceof Error ? error.message : String(error),
    }),
  );
};

const tooLong = (level: JudgedLevel): JudgedLevel => {
  const retryAfterMs = level.decision.waitMs - MAX_HOLD_MS;
  return retryAfterMs <= 0
    ? level
    : { ...level, decision: { ...level.decision, allowed: false, retryAfterMs } };
};

/** A wait that is too long is a refusal, and its place in the queue is given back. */
const inTime = async (judged: Judgement, units: number): Promise<Judgement> => {
  if (!judged.allowed || judged.waitMs <= MAX_HOLD_MS) return judged;
  await giveBack(takenBy(judged), units);
  const retryAfterMs = judged.waitMs - MAX_HOLD_MS;
  return { allowed: false, retryAfterMs, waitMs: 0, levels: judged.levels.map(tooLong) };
};

const merged = (all: readonly Judgement[]): Judgement => ({
  allowed: all.every(({ allowed }) => allowed),
  levels: all.flatMap(({ levels }) => levels),
  retryAfterMs: Math.max(0, ...all.map(({ retryAfterMs }) => retryAfterMs)),
  waitMs: 0,
});
