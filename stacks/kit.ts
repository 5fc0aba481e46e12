import type { Api, Operation } from "#core/kit/api.schema.ts";
import type { Platform } from "./platform.ts";
import type { allow } from "./rights.ts";
import { production } from "./stage.ts";

type FunctionArgs = ConstructorParameters<typeof sst.aws.Function>[1];
/** What a function may do. */
export type Permission = ReturnType<typeof allow>;
/** What a stack says of a function: everything but where its code lies. */
export type Settings = Partial<Omit<FunctionArgs, "handler" | "link" | "permissions">> & {
  readonly link?: readonly unknown[];
  readonly permissions?: readonly Permission[];
};

/** The name of what belongs to a handler: `shortener/shorten` → `ShortenerShorten`. */
export const nameOf = (path: string) =>
  path.replace(/(?:^|[/-])(\w)/g, (_, letter: string) => letter.toUpperCase());

/** One Lambda function for `functions/<path>.ts`, named after it: `shortener/shorten` → `ShortenerShorten`. */
export const lambda = (path: string, { link = [], permissions = [], ...settings }: Settings = {}) =>
  new sst.aws.Function(nameOf(path), {
    handler: `functions/${path}.handler`,
    link: [...link],
    permissions: [...permissions],
    ...settings,
  });

/** Two settings of one function. */
export const and = (own: Settings, also: Settings): Settings => ({
  ...own,
  ...also,
  link: [...(own.link ?? []), ...(also.link ?? [])],
  permissions: [...(own.permissions ?? []), ...(also.permissions ?? [])],
  environment: $util
    .all([own.environment ?? {}, also.environment ?? {}])
    .apply(([mine, more]) => ({ ...mine, ...more })),
});

/**
 * Routes every operation of an API to its function; `settings` are by handler. Operations that share a handler share
 * the function. Each function that is a route is guarded by the limiter, and so has what that needs. Returns the functions by
 * handler.
 */
export const serve = (base: Platform, api: Api, settings: (operation: Operation) => Settings) => {
  const functions = new Map<string, sst.aws.Function>();
  const operations = Object.values(api);
  for (const operation of operations) {
    const same = operations.filter(({ handler }) => handler === operation.handler);
    // Whoever answers requests must tell those that came through the edge from those that did not, and judge them.
    const made = () =>
      lambda(
        operation.handler,
        [base.edgeKey, base.limits.guard(same), base.valkey.settings].reduce(and, settings(operation)),
      );
    const fn = functions.get(operation.handler) ?? made();
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
