import { shortenerApi } from "#core/shortener/api.schema.ts";
import { events, tableKeys } from "#core/shortener/infra.schema.ts";
import { bounded, lambda, type Settings, serve } from "./kit.ts";
import type { Platform } from "./platform.ts";
import { queueWithDlq } from "./queues.ts";
import { allow, onTable, readStream, receive } from "./rights.ts";
import { codeStrategy, shortDomains } from "./settings.ts";
import { shortenerRights } from "./shortener-rights.ts";
import { shortenerSignals } from "./shortener-signals.ts";
import { fromBus, fromLogs, fromQueue, fromStream, onSchedule } from "./triggers.ts";

// Subscription filter → the handler whose log lines are clicks.
const clicked = {
  ShortenerClicksFollowed: "shortener/redirect",
  ShortenerClicksUnlocked: "shortener/unlock",
};

/** URL shortener: one table, a function per operation, clicks counted from the redirect's own log lines. */
export function shortener(base: Platform) {
  const table = new sst.aws.Dynamo("ShortenerTable", { ...tableKeys, stream: "new-and-old-images" });
  const codeKey = new random.RandomPassword("ShortenerCodePermutation", { length: 64, special: false });
  const key = new sst.Linkable("ShortenerCodeKey", { properties: { value: codeKey.result } });
  const { queue: previews, dlq: previewsDlq } = queueWithDlq("ShortenerPreviews", 15);
  const may = (...actions: string[]) => onTable(table, ...actions);
  const rights = shortenerRights(base, table);
  const creates = ["shortener/shorten", "shortener/bulk"];
  const environment = {
    CODE_STRATEGY: codeStrategy(),
    CODE_LEASE: "1000",
    SHORT_DOMAINS: shortDomains().join(","),
  };
  const caching = ["redirect", "unlock", "edit", "remove"].map((verb) => `shortener/${verb}`);
  const linksOf = (handler: string) => [
    table,
    ...(creates.includes(handler) ? [key] : []),
    ...(caching.includes(handler) ? [base.cache.table] : []),
  ];
  const functions = serve(base, shortenerApi, ({ handler, auth }) => ({
    // Where sign-in is optional the function itself verifies the token; elsewhere the authorizer has.
    environment: auth === "optional" ? { ...environment, ...base.authEnvironment } : environment,
    link: linksOf(handler),
    permissions: rights[handler] ?? [],
    ...(handler === "shortener/redirect" && { memory: "1024 MB" }),
    // A vCPU of its own: each of a hundred passwords is hashed slowly. API Gateway waits for 29 s.
    ...(handler === "shortener/bulk" && { memory: "1769 MB", timeout: "28 seconds" }),
  }));

  const failed = base.asynchronous();
  const also = (handler: string, settings: Settings) => {
    const fn = lambda(handler, settings);
    functions.set(handler, fn);
    return fn;
  };
  const count = also("shortener/count-clicks", {
    ...failed,
    ...bounded(50),
    link: [table],
    timeout: "30 seconds",
    permissions: [...failed.permissions, may("UpdateItem")],
  });
  for (const [name, handler] of Object.entries(clicked))
    fromLogs(name, functions.get(handler), count, events.clickPattern);

  const publish = also("shortener/publish", {
    link: [base.bus],
    permissions: [...failed.permissions, readStream(table), allow(["events:PutEvents"], base.bus.arn)],
  });
  fromStream("ShortenerPublish", table, publish, events.linkChanges, base.lost);

  fromBus("ShortenerLinkCreated", base.bus, previews, events.linkCreated, base.lost);
  const preview = also("shortener/fetch-preview", {
    link: [table],
    timeout: "15 seconds",
    permissions: [receive(previews), may("UpdateItem")],
  });
  fromQueue(previews, preview, 10);

  const rollUp = also("shortener/roll-up", {
    ...failed,
    link: [table],
    timeout: "5 minutes",
    permissions: [...failed.permissions, may("Query", "UpdateItem", "DeleteItem")],
  });
  onSchedule("ShortenerHourly", rollUp, "rate(1 hour)", base.lost);
  return {
    pattern: "shortener",
    functions,
    queues: { ShortenerPreviews: previews },
    dlqs: { ShortenerPreviewsDlq: previewsDlq },
    streams: ["shortener/publish"],
    signals: shortenerSignals(base.api),
  };
}
