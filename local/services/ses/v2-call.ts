import type { AwsRequest } from "../../kit/cloud.ts";
import type { Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";

export type Input = Readonly<Record<string, unknown>>;

/** A call of v2, read. */
export interface V2Call {
  /** Names in the path, in order. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
  readonly input: Input;
  readonly request: AwsRequest;
}

/** What an operation answers; `node` is the ARN of what it touched, and no part of the answer. */
export type V2Result = Readonly<Record<string, unknown>> | undefined;
export type V2Operation = (ses: Ses, call: V2Call) => V2Result | Promise<V2Result>;

/** Operations by route, with the name AWS gives each. */
export type V2Operations = Readonly<Record<string, readonly [name: string, run: V2Operation]>>;

/** An object within an input; empty when it is none. */
export const objectOf = (value: unknown): Input =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Input) : {};

/** A text within an input; undefined when there is none. */
export const optionalText = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** A text that must be there. */
export const requiredText = (value: unknown, name: string): string => {
  if (typeof value === "string" && value !== "") return value;
  throw sesErrors.invalid(
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must not be null`,
  );
};

/** A list within an input; empty when there is none. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Seconds since the epoch, as the protocol writes times. */
export const seconds = (ms: number): number => ms / 1_000;

/** A page of `items`: tokens are positions. */
export const page = <T>(
  items: readonly T[],
  token: unknown,
  size: unknown,
  most = 1_000,
): { items: readonly T[]; token: { NextToken?: string } } => {
  const from = token === undefined || token === null || token === "" ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) throw sesErrors.invalid("The next token is not valid.");
  const asked = Number(size);
  const next = from + (Number.isInteger(asked) && asked > 0 ? Math.min(asked, most) : most);
  return { items: items.slice(from, next), token: next < items.length ? { NextToken: String(next) } : {} };
};
