import type { AwsRequest, Cloud } from "../../kit/cloud.ts";
import type { Engine } from "./engine.ts";
import { sqsErrors } from "./errors.ts";
import type { Entry } from "./messages.ts";
import type { MoveTask } from "./moves.ts";
import type { Queue } from "./state.ts";

/** What every operation works on. */
export interface SqsContext {
  readonly cloud: Cloud;
  readonly engine: Engine;
  /** When queues were deleted, by name, epoch ms: a name rests for a minute. */
  readonly deletedAt: Map<string, number>;
  readonly tasks: MoveTask[];
}

/** One API operation: input and request to output. */
export type Operation = (context: SqsContext, input: Entry, request: AwsRequest) => object | Promise<object>;

/** The queue a request names; only the last part of the URL counts, whatever host it was written with. */
export const queueOf = (context: SqsContext, input: Entry): Queue => {
  const url = input.QueueUrl;
  if (typeof url !== "string" || url === "") throw sqsErrors.missing("QueueUrl");
  const queue = context.engine.queues.get(url.slice(url.lastIndexOf("/") + 1));
  if (!queue) throw sqsErrors.noQueue();
  return queue;
};

/** A required string of the input. */
export const required = (input: Entry, name: string): string => {
  const value = input[name];
  if (typeof value !== "string" || value === "") throw sqsErrors.missing(name);
  return value;
};

/** An optional whole number of the input, in a range. */
export const integer = (
  input: Entry,
  name: string,
  [min, max]: readonly [number, number],
): number | undefined => {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max)
    throw sqsErrors.badValue(value, name, `Must be >= ${min} and <= ${max}, if provided.`);
  return value;
};

/** A list of strings of the input; empty when absent. */
export const strings = (input: Entry, name: string): readonly string[] => {
  const value = input[name];
  return Array.isArray(value) ? value.map(String) : [];
};

/** A map of strings of the input; empty when absent. */
export const stringMap = (input: Entry, name: string): Record<string, string> => {
  const value = input[name];
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
};
