import { busEvent } from "#core/kit/event.schema.ts";
import { LinkCreated } from "#core/shortener/link.events.ts";
import { addPreview } from "#core/shortener/previewing.ts";
import { queue } from "#functions/kit/queue.ts";

/** link.created → what the page says of itself. */
export const handler = queue(busEvent(LinkCreated), ({ data }) => addPreview(data));
