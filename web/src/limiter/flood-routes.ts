import type * as v from "valibot";
import { identityApi } from "#core/identity/api.schema.ts";
import { limitsApi } from "#core/limits/api.schema.ts";
import { shortenerApi } from "#core/shortener/api.schema.ts";
import { call } from "../api/call.ts";
import { type Outcome, send } from "../api/send.ts";

/** The answer of a flooded route, whichever it is. */
export type FloodAnswer = Outcome<
  typeof identityApi.signIn | typeof limitsApi.rules | typeof shortenerApi.shorten
>;

/** A route of this API that may be flooded, with what is sent. */
export interface FloodRoute {
  readonly id: string;
  readonly label: string;
  /** What guards it, and so what is to be expected. */
  readonly hint: string;
  /** Enough to meet its limit. */
  readonly requests: number;
  /** Makes the request that each of the flood repeats. */
  readonly prepare: () => (signal: AbortSignal) => Promise<FloodAnswer>;
}

type Credentials = v.InferInput<typeof identityApi.signIn.body>;

/** What can be flooded: nothing is made by it but one link. */
export const floodRoutes: readonly FloodRoute[] = [
  {
    id: "sign-in",
    label: "POST sign-in, as somebody guessing a password",
    hint: "30 tries of one account at once, then one every 15 seconds. The account is made up: no real one is locked. Other tries to sign in from your address count too.",
    requests: 60,
    prepare: () => {
      const body: Credentials = {
        email: `nobody-${crypto.randomUUID().slice(0, 8)}@example.com`,
        password: "a-wrong-password-1",
      };
      return (signal) => send(identityApi.signIn, { body, signal });
    },
  },
  {
    id: "shorten",
    label: "POST shorten, signed in as nobody",
    hint: "600 anonymous creations of an address at once, then five a second. All ask for the same URL, so one link is made.",
    requests: 800,
    prepare: () => {
      const body = { url: `https://example.com/flood/${crypto.randomUUID().slice(0, 8)}` };
      return (signal) => send(shortenerApi.shorten, { body, signal });
    },
  },
  {
    id: "read",
    label: "GET limits/rules",
    hint: "A read: 4,000 of an address at once, 200 a second over time. A flood of hundreds passes.",
    requests: 300,
    prepare: () => (signal) => call(limitsApi.rules, { signal }),
  },
];
