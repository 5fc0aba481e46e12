import { compilePattern } from "../../kit/pattern/pattern.ts";
import { InvalidPattern } from "../../kit/pattern/pattern-error.ts";
import { SnsError, snsErrors } from "./errors.ts";
import type { Attributes, Message, MessageAttributes } from "./model.ts";

/** Whether a message with this text is for a subscription. */
export type Filter = (message: Message, text: string) => boolean;

/** Source: Amazon SNS developer guide, "Filter policy constraints". */
const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;
const MOST_BYTES = 262_144;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const depthOf = (value: unknown): number =>
  isObject(value) ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

const keysOf = (policy: Record<string, unknown>): string[] =>
  Object.entries(policy).flatMap(([key, value]) => {
    if (isObject(value)) return keysOf(value);
    if (key === "$or" && Array.isArray(value) && value.every(isObject)) return value.flatMap(keysOf);
    return [key];
  });

// Each list multiplies, by its length and by how deep it stands; the branches of an $or add up.
const combinationsOf = (policy: Record<string, unknown>, depth: number): number =>
  Object.entries(policy).reduce((product, [key, value]) => {
    if (isObject(value)) return product * combinationsOf(value, depth + 1);
    if (key === "$or" && Array.isArray(value) && value.every(isObject))
      return product * value.reduce((sum, branch) => sum + combinationsOf(branch, depth), 0);
    return product * (Array.isArray(value) ? Math.max(1, value.length) * depth : 1);
  }, 1);

const checkLimits = (policy: Record<string, unknown>): void => {
  if (new Set(keysOf(policy)).size > MOST_KEYS)
    throw new InvalidPattern(`Filter policy can not have more than ${MOST_KEYS} keys`);
  if (combinationsOf(policy, 1) > MOST_COMBINATIONS) throw new InvalidPattern("Filter policy is too complex");
};

const compile = (text: string, scope: string): ((candidate: unknown) => boolean) => {
  if (Buffer.byteLength(text) > MOST_BYTES) throw new InvalidPattern("Filter policy is too large");
  const policy = parse(text);
  if (!isObject(policy)) throw new InvalidPattern("Filter is not an object");
  if (depthOf(policy) > 100) throw new InvalidPattern("Filter policy is too complex");
  if (scope === "MessageAttributes" && Object.entries(policy).some(([, value]) => isObject(value)))
    throw snsErrors.invalid("Filter policy scope MessageAttributes does not support nested filter policy");
  checkLimits(policy);
  return compilePattern(policy, { dialect: "sns" });
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidPattern(`failed to parse JSON. ${error instanceof Error ? error.message : error}`);
  }
};

/** Refuses a filter policy in SNS's words; `prefix` says where it was given. */
export const checkFilter = (attributes: Attributes, prefix = ""): void => {
  const { FilterPolicy, FilterPolicyScope = "MessageAttributes" } = attributes;
  if (!FilterPolicy || FilterPolicy === "{}") return;
  try {
    compile(FilterPolicy, FilterPolicyScope);
  } catch (error) {
    if (error instanceof SnsError || !(error instanceof Error)) throw error;
    // A policy nested beyond what can be followed is as unfit as any other.
    throw snsErrors.words(`Invalid parameter: ${prefix}FilterPolicy: ${error.message}`);
  }
};

/** The filter of a subscription; without a policy everything passes. */
export const compileFilter = (attributes: Attributes): Filter => {
  const { FilterPolicy, FilterPolicyScope = "MessageAttributes" } = attributes;
  if (!FilterPolicy || FilterPolicy === "{}") return () => true;
  const matches = compile(FilterPolicy, FilterPolicyScope);
  if (FilterPolicyScope === "MessageAttributes") return (message) => matches(valuesOf(message.attributes));
  return (_, text) => {
    const body = tryParse(text);
    return isObject(body) && safely(matches, body);
  };
};

// A body nested deeper than can be followed matches nothing.
const safely = (matches: (candidate: unknown) => boolean, body: unknown): boolean => {
  try {
    return matches(body);
  } catch {
    return false;
  }
};

const tryParse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

// Binary attributes are never compared. An array attribute that is no JSON array is one text.
const valuesOf = (attributes: MessageAttributes): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { DataType, StringValue = "" }]): [string, unknown][] => {
      if (DataType.startsWith("Binary")) return [];
      if (DataType.startsWith("Number")) return [[name, Number(StringValue)]];
      if (DataType !== "String.Array") return [[name, StringValue]];
      const list = tryParse(StringValue);
      return [[name, Array.isArray(list) ? list.filter((item) => !isObject(item)) : StringValue]];
    }),
  );
