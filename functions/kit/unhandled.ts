import { log } from "#core/kit/log.ts";
import { Problem } from "#core/kit/problem.ts";

/** What a caller is told of an error: a problem as it is, anything else nothing but that it was recorded. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  log.error("unhandled", error instanceof Error ? error : new Error(String(error)));
  return new Problem("internal", "The failure was recorded. Try again; if it stays, report the request id");
};
