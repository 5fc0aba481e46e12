import { publish } from "#core/kit/bus.ts";
import { linked } from "#core/kit/config.ts";
import { toEvents } from "#core/shortener/changes.ts";
import { stream } from "#functions/kit/stream.ts";

const CHUNK = 10; // PutEvents takes ten

/** Stream of the table → link.created, link.updated, link.deleted on the bus. */
export const handler = stream(CHUNK, (changes) => publish(linked("Bus").name, changes.flatMap(toEvents)));
