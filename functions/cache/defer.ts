import { toDeferred } from "#core/cache/announcing.ts";
import { now } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { send } from "#core/kit/queue.ts";
import { stream } from "#functions/kit/stream.ts";

const CHUNK = 100;

/** Stream of the table → a message for each entry that its record does not have yet. */
export const handler = stream(CHUNK, (changes) =>
  send(linked("CacheFlushes").url, toDeferred(changes, now())),
);
