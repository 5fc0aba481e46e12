import { rollUp } from "#core/shortener/roll-up.ts";
import { schedule } from "#functions/kit/schedule.ts";

/** Every hour: counted clicks → totals by day. */
export const handler = schedule(rollUp);
