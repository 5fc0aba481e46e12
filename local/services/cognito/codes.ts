import { randomInt } from "node:crypto";
import type { Context } from "./context.ts";
import { errors } from "./errors.ts";
import type { Store, User } from "./store.ts";

/** What a code may be for, and how long it holds, ms. */
const VALID_MS = { signUp: 24 * 3_600_000, reset: 3_600_000, attribute: 24 * 3_600_000 };

/** After this many wrong guesses a code is worthless: 5 of a million. */
const MISSES = 5;

const MEDIA = { email: "EMAIL", phone_number: "SMS" } as const;

/** Where a code went, as the caller may know it. */
export interface Delivered {
  readonly Destination: string;
  readonly DeliveryMedium: "EMAIL" | "SMS";
  readonly AttributeName: string;
}

const masked = (attribute: string, value: string) => {
  if (attribute !== "email") return `+*******${value.slice(-4)}`;
  const [name = "", host = ""] = value.split("@");
  return `${name[0] ?? ""}***@${host[0] ?? ""}***`;
};

/** Where a code for this user would go: the first attribute the pool verifies. */
export const destination = (store: Store, attributes: Record<string, string>): Delivered | undefined => {
  const candidates = [...store.pool.autoVerified, "email", "phone_number"] as (keyof typeof MEDIA)[];
  const attribute = candidates.find((a) => attributes[a]);
  const value = attribute && attributes[attribute];
  if (!attribute || !value) return undefined;
  return {
    Destination: masked(attribute, value),
    DeliveryMedium: MEDIA[attribute],
    AttributeName: attribute,
  };
};

/** Makes a code and "sends" it: the terminal is the mailbox. */
export const sendCode = (
  { cloud }: Context,
  store: Store,
  user: User,
  purpose: keyof typeof VALID_MS,
): Delivered | undefined => {
  const to = destination(store, user.attributes);
  if (!to) return undefined;
  const code = String(randomInt(1_000_000)).padStart(6, "0");
  user.codes[purpose] = { code, expiresAt: cloud.clock.now() + VALID_MS[purpose], misses: 0 };
  store.changed();
  const what = {
    signUp: "confirm the account",
    reset: "reset the password",
    attribute: "confirm the change",
  };
  cloud.print(`✉ ${user.attributes[to.AttributeName]}: code ${code} to ${what[purpose]}`);
  return to;
};

/** Throws unless `given` is the code that was sent; each wrong guess counts, a right one spends the code. */
export const spendCode = (
  { cloud }: Context,
  store: Store,
  user: User,
  purpose: keyof typeof VALID_MS,
  given: string,
): void => {
  const sent = user.codes[purpose];
  if (!sent || sent.expiresAt <= cloud.clock.now()) throw errors.expiredCode();
  if (sent.misses >= MISSES) throw errors.limit();
  if (sent.code !== given) {
    sent.misses += 1;
    store.changed();
    throw errors.wrongCode();
  }
  delete user.codes[purpose];
  store.changed();
};
