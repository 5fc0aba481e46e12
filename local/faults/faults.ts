import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Clock } from "../kit/clock.ts";
import { entryOf, type Injected, replayOf } from "./log.ts";
import { matcher, type Point } from "./match.ts";
import { type Draw, drawOf } from "./random.ts";
import {
  type CheckedRule,
  type Fault,
  type FaultKind,
  InvalidRule,
  parseRule,
  type Rule,
} from "./rule.schema.ts";

/** A rule and what it has done. */
export interface RuleStatus extends CheckedRule {
  /** Epoch milliseconds. */
  readonly addedAt: number;
  /** How often it could have struck. */
  readonly seen: number;
  readonly injected: number;
}

/** A rule's decision to strike here. It counts once `note` says that it did. */
export interface Hit<Kind extends FaultKind = FaultKind> {
  readonly rule: string;
  readonly fault: Extract<Fault, { kind: Kind }>;
  /** Random numbers of this very occurrence. */
  readonly draw: Draw;
  /** Writes the fault down; returns it as a span shows it. */
  note(): string;
}

/** Faults on purpose: for tests, and for the web app's *break it*. */
export interface Faults {
  /** Adds a rule; returns its id. Throws `InvalidRule`, whose message names every mistake. */
  add(rule: Rule): string;
  /** False when there is no such rule. */
  remove(id: string): boolean;
  /** Removes every rule; the log stays. */
  clear(): void;
  list(): readonly RuleStatus[];
  /** What took place, oldest first: the latest 10,000. */
  log(): readonly Injected[];
  /** Starts over from a seed: counts and log begin anew, rules stay. Returns the seed in force. */
  seed(seed?: string | number): string;
  /** Rules that make the same faults again, occurrence by occurrence, whatever their probabilities were. */
  replay(): readonly Rule[];
  /** For the parts of the local cloud: which rules with one of `kinds` strike at a point, in the order of their adding. */
  strike<Kind extends FaultKind>(point: Point, kinds: readonly Kind[]): readonly Hit<Kind>[];
  /** Whether an outage is under way at a point. Asking is no occurrence. */
  out(point: Point): boolean;
  /** False when no rule is there: nothing then needs to know where it stands. */
  active(): boolean;
}

interface Counts {
  seen: number;
  /** Decisions to strike: another rule may have come first. */
  strikes: number;
}

interface Held extends Counts {
  readonly rule: CheckedRule;
  readonly matches: (point: Point) => boolean;
  readonly addedAt: number;
  injected: number;
  /** For rules that count apart. Bounded: an invocation long past is forgotten. */
  readonly apart: LRUCache<string, Counts>;
  /** End of the outage under way. */
  outageUntil: number;
}

const LOG_LIMIT = 10_000;
const RULE_LIMIT = 1_000;
const SCOPES = 10_000;

const countsOf = (held: Held, point: Point): Counts => {
  const { per } = held.rule.when;
  if (per === undefined) return held;
  const scope = per === "invocation" ? (point.invocation ?? "") : point[per].join("\n");
  const counts = held.apart.get(scope) ?? { seen: 0, strikes: 0 };
  held.apart.set(scope, counts);
  return counts;
};

/** Whether a rule strikes at its `n`-th occurrence, `age` ms after it was added. */
const due = ({ when }: CheckedRule, n: number, strikes: number, age: number, draw: Draw): boolean => {
  if (when.after !== undefined && age < when.after) return false;
  if (when.until !== undefined && age >= when.until) return false;
  if (when.first !== undefined && n > when.first) return false;
  if (when.times !== undefined && strikes >= when.times) return false;
  if (when.every !== undefined && n % when.every !== 0) return false;
  if (when.nth !== undefined && ![when.nth].flat().includes(n)) return false;
  return when.probability === undefined || draw("strike") < when.probability;
};

/** No faults, until rules are added. */
export const createFaults = (clock: Clock): Faults => {
  const rules = new Map<string, Held>();
  let entries: Injected[] = [];
  let seed = "1";

  const decide = (held: Held, point: Point): Hit | undefined => {
    const { rule } = held;
    const counts = countsOf(held, point);
    const now = clock.now();
    held.seen += 1;
    if (counts !== held) counts.seen += 1;
    const occurrence = held.seen;
    const draw = drawOf(seed, rule.id, occurrence);
    const down = now < held.outageUntil;
    if (!down && !due(rule, counts.seen, counts.strikes, now - held.addedAt, draw)) return undefined;
    // Taken now, not at `note`: of two calls at once only one may be the last of `times`.
    if (!down) counts.strikes += 1;
    if (rule.fault.kind === "outage" && !down) held.outageUntil = now + rule.fault.ms;
    const note = () => {
      held.injected += 1;
      entries.push(entryOf(rule, occurrence, point, now));
      if (entries.length > LOG_LIMIT * 2) entries = entries.slice(-LOG_LIMIT);
      return `${rule.fault.kind} (${rule.id})`;
    };
    return { rule: rule.id, fault: rule.fault, draw, note };
  };

  return {
    add(given) {
      const rule = parseRule(given);
      const id = rule.id ?? `fault-${randomBytes(4).toString("hex")}`;
      if (rules.has(id)) throw new InvalidRule([{ pointer: "/id", message: `"${id}" is taken` }]);
      if (rules.size >= RULE_LIMIT)
        throw new InvalidRule([{ pointer: "", message: `would be more than ${RULE_LIMIT}` }]);
      const fresh = { seen: 0, strikes: 0, injected: 0, outageUntil: 0, addedAt: clock.now() };
      const apart = new LRUCache<string, Counts>({ max: SCOPES });
      rules.set(id, { rule: { ...rule, id }, matches: matcher(rule.on), apart, ...fresh });
      return id;
    },
    remove: (id) => rules.delete(id),
    clear: () => rules.clear(),
    list: () =>
      [...rules.values()].map(({ rule, addedAt, seen, injected }) => ({ ...rule, addedAt, seen, injected })),
    log: () => entries.slice(-LOG_LIMIT),
    seed(next) {
      if (next === undefined) return seed;
      seed = String(next);
      entries = [];
      for (const held of rules.values()) {
        Object.assign(held, { seen: 0, strikes: 0, injected: 0, outageUntil: 0 });
        held.apart.clear();
      }
      return seed;
    },
    replay: () => [...rules.values()].flatMap(({ rule }) => replayOf(rule, entries)),
    out: (point) => [...rules.values()].some((held) => clock.now() < held.outageUntil && held.matches(point)),
    active: () => rules.size > 0,
    strike<Kind extends FaultKind>(point: Point, kinds: readonly Kind[]) {
      const wanted: readonly FaultKind[] = kinds;
      const hits: Hit<Kind>[] = [];
      for (const held of rules.values()) {
        if (!wanted.includes(held.rule.fault.kind) || !held.matches(point)) continue;
        const hit = decide(held, point);
        if (hit) hits.push(hit as unknown as Hit<Kind>); // its kind is among `kinds`, as asked above
      }
      return hits;
    },
  };
};
