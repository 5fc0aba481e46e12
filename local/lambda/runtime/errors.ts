import type { RuntimeError } from "../protocol.ts";

/** An error whose name is one of Lambda's own (`Runtime.HandlerNotFound`, …). */
export const runtimeError = (name: string, message: string): Error =>
  Object.defineProperty(new Error(message), "name", { value: `Runtime.${name}`, configurable: true });

/** Anything thrown, in the shape Lambda's Node.js runtime client posts it. */
export const formatError = (thrown: unknown): RuntimeError => {
  try {
    if (!(thrown instanceof Error))
      return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
    return {
      errorType: String(thrown.name),
      errorMessage: String(thrown.message),
      trace: typeof thrown.stack === "string" ? thrown.stack.split("\n") : [],
    };
  } catch {
    // A hostile getter or toString: Lambda answers the same way.
    return {
      errorType: "handled",
      errorMessage:
        "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack",
      trace: [],
    };
  }
};
