import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";
import { log } from "#core/kit/log.ts";
import { Problem } from "#core/kit/problem.ts";

// A service of AWS that throttles, fails or is silent, after the client's own tries: it passes, and is no fault of the code.
const passes = (error: Error) =>
  isThrottlingError(error as never) || isTransientError(error as never) || isServerError(error as never);

/** What a caller is told of an error: a problem as it is, anything else nothing but that it passes, or that it was recorded. */
export const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  log.error("unhandled", cause);
  if (passes(cause))
    return new Problem("unavailable", "Something this needs does not answer: try again", {
      headers: { "retry-after": "1" },
      cause,
    });
  return new Problem("internal", "The failure was recorded. Try again; if it stays, report the request id");
};
