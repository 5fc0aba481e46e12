import { shortenerApi } from "#core/shortener/api.schema.ts";
import { events, tableKeys } from "#core/shortener/infra.schema.ts";
import { allow, lambda, type Settings, serve } from "./kit.ts";
import type { Platform } from "./platform.ts";
import { queueWithDlq } from "./queues.ts";
import { fromBus, fromLogs, fromQueue, fromStream, readStream, receive } from "./triggers.ts";

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

  const may = (...actions: string[]) =>
    allow(
      actions.map((action) => `dynamodb:${action}`),
      table.arn,
    );
  const index = (name: string) => allow(["dynamodb:Query"], $interpolate`${table.arn}/index/${name}`);
  const create = [may("PutItem", "UpdateItem", "ConditionCheckItem", "GetItem")];
  const rights: Record<string, Settings["permissions"]> = {
    "shortener/shorten": create,
    "shortener/bulk": create,
    "shortener/list": [index("byOwner"), index("byUrl")],
    "shortener/export": [index("byOwner")],
    "shortener/get": [may("GetItem")],
    "shortener/qr": [may("GetItem")],
    "shortener/edit": [may("GetItem", "PutItem", "UpdateItem", "DeleteItem")],
    "shortener/remove": [may("GetItem", "DeleteItem", "UpdateItem")],
    "shortener/stats": [may("GetItem", "Query")],
    "shortener/redirect": [may("GetItem", "UpdateItem")],
    "shortener/unlock": [may("GetItem", "UpdateItem")],
  };
  const creates = ["shortener/shorten", "shortener/bulk"];
  const environment = {
    ...base.authEnvironment,
    CODE_STRATEGY: "hash",
    CODE_LEASE: "1000",
    SHORT_DOMAINS: "",
  };
  const functions = serve(base, shortenerApi, ({ handler }) => ({
    environment,
    link: creates.includes(handler) ? [table, key] : [table],
    permissions: rights[handler] ?? [],
    ...(handler === "shortener/redirect" && { memory: "1024 MB" }),
  }));

  const failed = base.asynchronous();
  const count = lambda("shortener/count-clicks", {
    ...failed,
    link: [table],
    timeout: "30 seconds",
    permissions: [...failed.permissions, may("UpdateItem")],
  });
  for (const [name, handler] of Object.entries(clicked)) {
    const source = functions.get(handler);
    if (source) fromLogs(name, source, count, events.clickPattern);
  }

  const publish = lambda("shortener/publish", {
    link: [base.bus],
    permissions: [...failed.permissions, readStream(table), allow(["events:PutEvents"], base.bus.arn)],
  });
  fromStream("ShortenerPublish", table, publish, events.linkChanges, base.lost);

  fromBus("ShortenerLinkCreated", base.bus, previews, events.linkCreated, base.lost);
  const preview = lambda("shortener/fetch-preview", {
    link: [table],
    timeout: "15 seconds",
    permissions: [receive(previews), may("GetItem", "UpdateItem")],
  });
  fromQueue(previews, preview, 10);

  new sst.aws.CronV2("ShortenerHourly", {
    function: lambda("shortener/roll-up", {
      ...failed,
      link: [table],
      timeout: "5 minutes",
      permissions: [
        ...failed.permissions,
        may("Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
        index("byOwner"),
      ],
    }).arn,
    schedule: "rate(1 hour)",
    timezone: "UTC",
    retries: 3,
    dlq: base.lost.arn,
  });
  return { table, functions, queues: [previews], dlqs: [previewsDlq] };
}
