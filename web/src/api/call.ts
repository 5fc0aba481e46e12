import type { Operation } from "#core/kit/api.schema.ts";
import { type Args, type Outcome, send } from "./send.ts";
import { refresh, settledToken } from "./session.ts";

/**
 * Calls one operation as whoever is signed in. A token the API no longer takes is renewed once by the cookie, and the
 * call repeated: 401 means the operation did nothing, so repeating is safe for every method.
 */
export const call = async <O extends Operation>(operation: O, args: Args<O>): Promise<Outcome<O>> => {
  const token = operation.auth === "none" ? undefined : await settledToken();
  const outcome = await send(operation, args, token);
  if (outcome.ok || token === undefined || outcome.failure.kind !== "unauthenticated") return outcome;
  const renewed = await refresh();
  return renewed === undefined ? outcome : send(operation, args, renewed);
};
