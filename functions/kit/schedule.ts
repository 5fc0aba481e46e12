import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { observed } from "./observe.ts";

const RESERVE_MS = 5_000; // to finish what is under way and answer

/** The schedule door: `hasTime` turns false shortly before the function's timeout. */
export const schedule = (run: (hasTime: () => boolean) => Promise<unknown>) =>
  middy<unknown, void>()
    .use(observed())
    .handler(async (_event, context: Context) => {
      await run(() => context.getRemainingTimeInMillis() > RESERVE_MS);
    });
