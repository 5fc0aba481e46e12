import { LinkChanged } from "#core/cache/cache.events.ts";
import { invalidateByLink } from "#core/cache/invalidation.ts";
import { busEvent } from "#core/kit/event.schema.ts";
import { queue } from "#functions/kit/queue.ts";

/** Events of other patterns, by a rule of the bus → the entries they make void. */
export const handler = queue(busEvent(LinkChanged), ({ data }) => invalidateByLink(data));
