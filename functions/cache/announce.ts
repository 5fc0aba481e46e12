import { toEvents } from "#core/cache/announcing.ts";
import { toChanges } from "#core/cache/dynamo-changes.ts";
import { journal } from "#core/cache/tiers.ts";
import { publish } from "#core/kit/bus.ts";
import { linked } from "#core/kit/config.ts";
import { stream } from "#functions/kit/stream.ts";

const CHUNK = 100; // an item of the feed carries hundreds of changes

/** Stream of the table → the feed that every process's memory follows, and cache.invalidated on the bus. */
export const handler = stream(CHUNK, async (changes) => {
  await journal().announce(changes.flatMap(toChanges), changes[0]?.at);
  await publish(linked("Bus").name, changes.flatMap(toEvents));
});
