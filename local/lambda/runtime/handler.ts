import type { RuntimeStart } from "../protocol.ts";
import { runtimeError } from "./errors.ts";

/** A function's entry: `(event, context)`, or before Node 24 also `(event, context, callback)`. */
export type Handler = (event: unknown, context: object, callback?: unknown) => unknown;

const CALLBACKS_REMOVED =
  "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. " +
  "You need to modify this function to use a supported handler signature to use Node.js 24 or later. " +
  "For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");

/** `awslambda.streamifyResponse` exists on Lambda, so bundles may call it; serving the stream is refused at init. */
export const defineGlobals = (): void => {
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse: (handler: object) => Object.assign(handler, { [STREAMING]: "response" }),
    },
  });
};

const importBundle = async (url: string): Promise<Record<string, unknown>> => {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError)
      throw Object.assign(runtimeError("UserCodeSyntaxError", String(error)), { stack: error.stack });
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND")
      throw runtimeError("ImportModuleError", String(error));
    throw error;
  }
};

/** Runs the module and finds its handler, failing as Lambda's own loader does. */
export const loadHandler = async (start: RuntimeStart): Promise<Handler> => {
  const loaded = await importBundle(start.bundle);
  const found =
    loaded[start.exportName] ?? (loaded.default as Record<string, unknown> | undefined)?.[start.exportName];
  if (!found) throw runtimeError("HandlerNotFound", `${start.handlerName} is undefined or not exported`);
  if (typeof found !== "function")
    throw runtimeError("HandlerNotFound", `${start.handlerName} is not a function`);
  if (STREAMING in found)
    throw runtimeError(
      "InvalidStreamingOperation",
      "Response streaming is not served locally: return the whole response.",
    );
  if (found.length >= 3 && start.nodeMajor >= 24)
    throw runtimeError("CallbackHandlerDeprecated", CALLBACKS_REMOVED);
  return found as Handler;
};
