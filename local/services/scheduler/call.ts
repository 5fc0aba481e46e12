import type { SchedulerContext } from "./run.ts";

/** A refusal in EventBridge Scheduler's words. */
export class SchedulerError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** A request that makes no sense. */
export const validation = (message: string) => new SchedulerError("ValidationException", message, 400);
/** Something that is not there. */
export const missing = (what: string) =>
  new SchedulerError("ResourceNotFoundException", `${what} does not exist.`, 404);
/** Something that is there already. */
export const conflict = (what: string) =>
  new SchedulerError("ConflictException", `${what} already exists.`, 409);

export type Input = Readonly<Record<string, unknown>>;

/** One API operation. `name` comes from the path, `query` from the URL, `input` from the body. */
export type Operation = (
  context: SchedulerContext,
  call: { readonly name: string; readonly query: URLSearchParams; readonly input: Input },
) => object;

/** One page of a list. */
export const page = <T>(query: URLSearchParams, items: readonly T[], key: string): object => {
  const from = Number(query.get("NextToken") ?? 0);
  const next = from + Number(query.get("MaxResults") ?? 100);
  return { [key]: items.slice(from, next), ...(next < items.length ? { NextToken: String(next) } : {}) };
};
