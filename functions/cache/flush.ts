import { journal } from "#core/cache/tiers.ts";
import { Deferred, flushDeferred } from "#core/cache/write-behind.ts";
import { queue } from "#functions/kit/queue.ts";

/** Entries that are dirty → their records. */
export const handler = queue(Deferred, (deferred) => flushDeferred(journal(), deferred));
