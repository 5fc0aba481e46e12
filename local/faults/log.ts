import type { Point } from "./match.ts";
import type { CheckedRule, FaultKind, Rule } from "./rule.schema.ts";

/** A fault that took place. */
export interface Injected {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly rule: string;
  readonly kind: FaultKind;
  /** Which occurrence of its rule it was, from 1. */
  readonly occurrence: number;
  readonly service: string;
  readonly operation: string;
  readonly function?: string;
  readonly target?: string;
  readonly key?: string;
}

/** What the log says of a fault. */
export const entryOf = (rule: CheckedRule, occurrence: number, point: Point, at: number): Injected => {
  const [operation = ""] = point.operation;
  const [target, key, caller] = [point.target[0], point.key[0], point.function[0]];
  return {
    at,
    rule: rule.id,
    kind: rule.fault.kind,
    occurrence,
    service: point.service,
    operation,
    ...(caller === undefined ? {} : { function: caller }),
    ...(target === undefined ? {} : { target }),
    ...(key === undefined ? {} : { key: key.slice(0, 256) }),
  };
};

/** The rule that strikes just where the log says this one did; none where it never did. */
export const replayOf = (rule: CheckedRule, entries: readonly Injected[]): Rule[] => {
  const nth = entries.flatMap((entry) => (entry.rule === rule.id ? [entry.occurrence] : []));
  return nth.length === 0
    ? []
    : [{ id: rule.id, on: rule.on, when: { nth: [...new Set(nth)] }, fault: rule.fault }];
};
