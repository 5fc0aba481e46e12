import { cacheApi } from "#core/cache/api.schema.ts";
import { events } from "#core/cache/infra.schema.ts";
import { CACHE_CHANNEL } from "#core/shortener/infra.schema.ts";
import { cacheSignals } from "./cache-signals.ts";
import { and, lambda, type Settings, serve } from "./kit.ts";
import type { Platform } from "./platform.ts";
import { guardQueue, queueWithDlq } from "./queues.ts";
import { allow, onTable, readStream, receive } from "./rights.ts";
import { fromBus, fromQueue, fromStream } from "./triggers.ts";

const FLUSH_SECONDS = 20;
/** Writes of a key within this time are flushed at once: what a queue gathers before anybody reads it. */
const GATHER_SECONDS = 2;

/** Distributed cache: over the platform's table; what changed is told to all, what is dirty is flushed. */
export function cache(base: Platform) {
  const { table, tell } = base.cache;
  const { queue: flushes, dlq: flushesDlq } = queueWithDlq("CacheFlushes", FLUSH_SECONDS, GATHER_SECONDS);
  guardQueue("CacheFlushes", flushes);
  const { queue: heard, dlq: heardDlq } = queueWithDlq("CacheHeard", 10);
  const may = (...actions: string[]) => onTable(table, ...actions);
  // Marks and the chunks of large values go in batches; what is owed to a record is brought there before an entry is dropped.
  const write = may("GetItem", "BatchGetItem", "UpdateItem", "BatchWriteItem");
  const rights: Record<string, Settings["permissions"]> = {
    // What others did is asked for by a query.
    "cache/get": [write, may("Query")],
    "cache/put": [write],
    "cache/remove": [write],
    "cache/invalidate": [write],
    "cache/record": [may("GetItem")],
    "cache/stats": [may("Query")],
  };
  const functions = serve(base, cacheApi, ({ handler, auth }) => ({
    ...(auth === "optional" && { environment: base.authEnvironment }),
    ...(rights[handler] && { link: [table], permissions: rights[handler] }),
    // A value of 4 MiB is parsed, packed and sent in chunks.
    ...(["cache/get", "cache/put"].includes(handler) && { memory: "1024 MB" }),
  }));
  const also = (handler: string, settings: Settings) => {
    const fn = lambda(handler, settings);
    functions.set(handler, fn);
    return fn;
  };
  const lose = allow(["sqs:SendMessage"], base.lost.arn);

  const announce = also("cache/announce", {
    link: [table, base.bus],
    permissions: [lose, readStream(table), may("PutItem"), allow(["events:PutEvents"], base.bus.arn)],
  });
  fromStream("CacheAnnounce", table, announce, events.changes, base.lost);

  const defer = also("cache/defer", {
    link: [flushes],
    permissions: [lose, readStream(table), allow(["sqs:SendMessage"], flushes.arn)],
  });
  fromStream("CacheDefer", table, defer, events.dirty, base.lost);

  const flush = also("cache/flush", {
    link: [table],
    timeout: `${FLUSH_SECONDS} seconds`,
    memory: "1024 MB",
    permissions: [receive(flushes), write],
  });
  fromQueue(flushes, flush, 10);

  fromBus("CacheHeard", base.bus, heard, events.heard, base.lost);
  const invalidate = also(
    "cache/invalidate-by-event",
    and(
      { link: [table], permissions: [receive(heard), may("UpdateItem"), tell(CACHE_CHANNEL)] },
      base.valkey.settings,
    ),
  );
  fromQueue(heard, invalidate, 10);
  return {
    pattern: "cache",
    functions,
    queues: { CacheFlushes: flushes, CacheHeard: heard },
    dlqs: { CacheFlushesDlq: flushesDlq, CacheHeardDlq: heardDlq },
    streams: ["cache/announce", "cache/defer"],
    signals: cacheSignals(base.api),
  };
}
