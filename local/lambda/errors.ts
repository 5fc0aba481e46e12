import type { RuntimeError } from "./protocol.ts";

const about = (requestId: string, what: string) => `RequestId: ${requestId} Error: ${what}`;

/** The function ran past its timeout. */
export const timedOut = (requestId: string, seconds: number): RuntimeError => ({
  errorType: "Sandbox.Timedout",
  errorMessage: about(requestId, `Task timed out after ${seconds.toFixed(2)} seconds`),
});

/** The runtime process ended under the invocation. */
export const exited = (requestId: string, code: number): RuntimeError => ({
  errorType: "Runtime.ExitError",
  errorMessage: about(
    requestId,
    code === 0
      ? "Runtime exited without providing a reason"
      : `Runtime exited with error: exit status ${code}`,
  ),
});

/** The function's heap outgrew its memory setting. */
export const outOfMemory = (requestId: string): RuntimeError => ({
  errorType: "Runtime.OutOfMemory",
  errorMessage: about(requestId, "Runtime exited with error: signal: killed"),
});

/** The sources do not build. Deployed, `sst deploy` would have stopped there. */
export const notBuilt = (errors: readonly string[]): RuntimeError => ({
  errorType: "Runtime.BuildError",
  errorMessage: errors.join("\n"),
});

/** Lambda's quota for a synchronous answer: 6 MB and a margin for its envelope. */
export const MAX_RESPONSE_BYTES = 6_291_556;
/** Lambda's quota for a synchronous event. */
export const MAX_REQUEST_BYTES = 6_291_456;
/** Lambda's quota for an asynchronous event. */
export const MAX_ASYNC_BYTES = 1_048_576;

/** The handler's answer is larger than Lambda carries. */
export const responseTooLarge = (bytes: number): RuntimeError => ({
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes). Size: ${bytes} bytes.`,
});

/** The event is larger than Lambda accepts. */
export const requestTooLarge = (limit: number): RuntimeError => ({
  errorType: "RequestEntityTooLargeException",
  errorMessage: `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
});
