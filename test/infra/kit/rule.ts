import type { Graph } from "../../../local/graph/graph.ts";

/** What a rule objects to. */
export interface Finding {
  /** Logical name of the resource. */
  readonly resource: string;
  readonly why: string;
}

/** What a rule looked at, and what it objects to. Looked at nothing: the rule is not exercised. */
export interface Verdict {
  readonly looked: number;
  readonly violations: readonly Finding[];
}

/** A rule of the house: a pure function of the graph. */
export interface Rule {
  readonly number: number;
  readonly title: string;
  readonly check: (graph: Graph) => Verdict;
}

/** A numbered rule. */
export const rule = (number: number, title: string, check: Rule["check"]): Rule => ({ number, title, check });

type Objection = string | false | undefined;

/** Looks at each thing; every text among its objections is a violation. */
export const each = <T extends { readonly name: string }>(
  things: readonly T[],
  objections: (thing: T) => readonly Objection[],
): Verdict => ({
  looked: things.length,
  violations: things.flatMap((thing) =>
    objections(thing)
      .filter((objection) => typeof objection === "string")
      .map((why) => ({ resource: thing.name, why })),
  ),
});

/** Verdicts over several kinds of resource, as one. */
export const together = (...verdicts: readonly Verdict[]): Verdict => ({
  looked: verdicts.reduce((sum, { looked }) => sum + looked, 0),
  violations: verdicts.flatMap(({ violations }) => violations),
});
