import { Click } from "#core/shortener/click.ts";
import { count } from "#core/shortener/counting.ts";
import { logs } from "#functions/kit/logs.ts";

/** Log lines of the redirect → counted clicks. */
export const handler = logs(Click, count);
