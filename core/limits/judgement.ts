import type { Decision } from "./decision.schema.ts";
import type { Rule } from "./rule.schema.ts";

/** One rule of a hierarchy, and whom it counts there. */
export interface Level {
  /** Name of the rule. */
  readonly rule: string;
  /** Whose rule: a user's id. The app's own unless told. */
  readonly owner?: string;
  readonly key: string;
}

/** Who is behind a request: what lists go by. */
export interface Who {
  readonly user?: string;
  /** As the edge saw it. */
  readonly ip?: string;
  readonly apiKey?: string;
}

/** Who decided: the store, a lease, a denial remembered here, a list, a ban, this process alone, or nobody as the store failed. */
export type DecidedBy =
  | "store"
  | "lease"
  | "memory"
  | "allow-list"
  | "deny-list"
  | "ban"
  | "local"
  | "open"
  | "closed";

/** What one rule of a hierarchy said. */
export interface JudgedLevel {
  readonly rule: Rule;
  readonly key: string;
  readonly decision: Decision;
  readonly decidedBy: DecidedBy;
}

/** What became of a request: all levels allowed it, or those that did not. Shadow rules never deny. */
export interface Judgement {
  readonly allowed: boolean;
  readonly levels: readonly JudgedLevel[];
  /** The longest of those that denied; Infinity: never. */
  readonly retryAfterMs: number;
  /** The longest wait of a leaky queue. */
  readonly waitMs: number;
}

/** Judges a request by all levels or none: `core/limits/limiter.ts` exports it as `judge`. */
export type Judge = (levels: readonly Level[], who: Who, cost?: number) => Promise<Judgement>;

/**
 * Gives back what a judgement of these levels took, by whoever decided it: `core/limits/limiter.ts` exports it as `refund`. The
 * doors ask for it where a request turns out not to count: a right password, a wait that would be too long.
 */
export type Refund = (levels: readonly Level[], cost?: number) => Promise<void>;
