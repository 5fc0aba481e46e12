import type { Context } from "./context.ts";
import { OPERATORS, type Operator } from "./operators.ts";
import { beside, fillIn, hasVariables } from "./variables.ts";

/** A policy that AWS would not take. */
export class MalformedPolicy extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedPolicyDocument";
  }
}

/** One key under one operator; all conditions of a statement must hold. */
export type Condition = (context: Context) => boolean;

type Set = "any" | "all" | undefined;

interface Test {
  readonly operator: Operator;
  readonly set: Set;
  readonly ifExists: boolean;
  readonly key: string;
  readonly values: readonly string[];
}

const resolve = (values: readonly string[], context: Context): string[] =>
  values.flatMap((value) => (hasVariables(value) ? (fillIn(value, context) ?? []) : [value]));

/** Source: IAM user guide, "Multivalued context keys" and "Evaluation logic for multiple keys or values". */
const holds =
  ({ operator, set, ifExists, key, values }: Test): Condition =>
  (context) => {
    const given = context(key);
    if (given === undefined || given.length === 0)
      return set === "all" || ifExists || (operator.negated && set !== "any");
    const wanted = resolve(values, context);
    // Several values of the policy are alternatives; turned round, none of them may fit.
    const fits = (value: string) =>
      wanted.some((item) => operator.compare(item, beside(item, value))) !== operator.negated;
    if (set === "all" || (operator.negated && set === undefined)) return given.every(fits);
    return given.some(fits);
  };

const isNull =
  (key: string, values: readonly string[]): Condition =>
  (context) =>
    values.some((value) => (value.toLowerCase() === "true") === (context(key) === undefined));

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((item) =>
    ["string", "number", "boolean"].includes(typeof item) ? [String(item)] : [],
  );

const compileKey = (name: string, key: string, value: unknown): Condition => {
  const [, prefix, base = "", suffix] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/i.exec(name) ?? [];
  const values = texts(value);
  const lower = key.toLowerCase();
  if (base.toLowerCase() === "null") return isNull(lower, values);
  const operator = OPERATORS.get(base.toLowerCase());
  if (!operator) throw new MalformedPolicy(`"${name}" is no condition operator of IAM`);
  const set = prefix === undefined ? undefined : prefix.toLowerCase() === "foranyvalue" ? "any" : "all";
  return holds({ operator, set, ifExists: suffix !== undefined, key: lower, values });
};

/** Compiles a statement's `Condition` block. */
export const compileConditions = (block: unknown): readonly Condition[] => {
  if (block === undefined || block === null) return [];
  if (typeof block !== "object" || Array.isArray(block))
    throw new MalformedPolicy("Condition must be an object");
  return Object.entries(block).flatMap(([operator, keys]) => {
    if (typeof keys !== "object" || keys === null)
      throw new MalformedPolicy(`${operator} must hold condition keys`);
    return Object.entries(keys).map(([key, value]) => compileKey(operator, key, value));
  });
};
