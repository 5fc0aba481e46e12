import { cacheDemo } from "./cache.ts";
import { limitsDemo } from "./limits.ts";
import { shortenerDemo } from "./shortener.ts";
import { users } from "./users.ts";

export { users };

/** What seeding may use: the front door, and a token for each demo user. Everything goes through the public API. */
export interface DemoContext {
  readonly url: string;
  readonly tokenOf: (email: string) => Promise<string>;
}

/** Fills a fresh local cloud with something to look at. Runs again without harm: every step repeats to the same end. */
export const seed = async (context: DemoContext): Promise<void> => {
  await limitsDemo(context);
  await shortenerDemo(context);
  await cacheDemo(context);
};
