import type { Api, Operation } from "#core/kit/api.schema.ts";
import type { Platform } from "./platform.ts";
import { production } from "./stage.ts";

type FunctionArgs = ConstructorParameters<typeof sst.aws.Function>[1];
/** What a stack says of a function: everything but where its code lies. */
export type Settings = Partial<Omit<FunctionArgs, "handler">>;

/** The name of what belongs to a handler: `shortener/shorten` → `ShortenerShorten`. */
export const nameOf = (path: string) =>
  path.replace(/(?:^|[/-])(\w)/g, (_, letter: string) => letter.toUpperCase());

/** One Lambda function for `functions/<path>.ts`, named after it: `shortener/shorten` → `ShortenerShorten`. */
export const lambda = (path: string, settings: Settings = {}) =>
  new sst.aws.Function(nameOf(path), { handler: `functions/${path}.handler`, ...settings });

/**
 * Routes every operation of an API to its function; `settings` are by handler. Operations that share a handler share
 * the function. Returns the functions by handler.
 */
export const serve = (base: Platform, api: Api, settings: (operation: Operation) => Settings) => {
  const functions = new Map<string, sst.aws.Function>();
  for (const operation of Object.values(api)) {
    const fn = functions.get(operation.handler) ?? lambda(operation.handler, settings(operation));
    functions.set(operation.handler, fn);
    base.api.route(`${operation.method} ${operation.path}`, fn.arn, base.guard(operation));
    base.operations.push(operation);
  }
  return functions;
};

/** Settings of a function that is invoked asynchronously: two retries, then the event is kept in `dlq`. */
export const keepFailures = (dlq: sst.aws.Queue): Settings => ({
  retries: 2,
  transform: {
    eventInvokeConfig: (config) => {
      config.maximumEventAgeInSeconds = 21_600;
      config.destinationConfig = { onFailure: { destination: dlq.arn } };
    },
  },
});

/**
 * Keeps a burst of events from taking every function's concurrency. In production only: a young account has so little
 * that AWS lets nobody reserve any.
 */
export const bounded = (reserved: number): Settings => (production() ? { concurrency: { reserved } } : {});
