import { randomBytes } from "node:crypto";
import type { Challenge, Context } from "./context.ts";
import { CognitoError, errors, type Input } from "./errors.ts";
import type { ClientSettings } from "./pools.ts";
import type { Store, User } from "./store.ts";
import { openSession } from "./tokens.ts";

/** Cognito's default. */
const CHALLENGE_MS = 3 * 60_000;

/** One client of one pool, and the call's parameters. */
export interface Attempt {
  readonly context: Context;
  readonly store: Store;
  readonly client: ClientSettings;
  readonly parameters: Input;
}

/** What is said of a name nobody has. */
export const unknownUser = (client: ClientSettings) =>
  client.hidesUsers ? errors.wrongPassword() : errors.noUser();

/** Opens a challenge; its answer names it by the session returned. */
export const beginChallenge = (
  { context, client }: Attempt,
  user: User,
  name: string,
  more: Partial<Challenge> = {},
) => {
  const session = randomBytes(60).toString("base64url");
  const now = context.cloud.clock.now();
  for (const [key, { expiresAt }] of context.challenges) if (expiresAt <= now) context.challenges.delete(key);
  const challenge = {
    name,
    username: user.username,
    clientId: client.id,
    expiresAt: now + CHALLENGE_MS,
    ...more,
  };
  context.challenges.set(session, challenge);
  return session;
};

/** The password was right: tokens, or whatever still stands between the user and them. */
export const admit = async (attempt: Attempt, user: User): Promise<object> => {
  const { context, store, client } = attempt;
  const { clock } = context.cloud;
  if (!user.enabled) throw errors.disabled();
  context.lockout.clear(user.username);
  if (user.status === "UNCONFIRMED") throw errors.notConfirmed();
  if (user.status === "RESET_REQUIRED") {
    throw new CognitoError("PasswordResetRequiredException", "Password reset required for the user");
  }
  if (user.status === "FORCE_CHANGE_PASSWORD") {
    if ((user.temporaryUntil ?? 0) <= clock.now()) {
      throw errors.refused("Temporary password has expired and must be reset by an administrator.");
    }
    return {
      ChallengeName: "NEW_PASSWORD_REQUIRED",
      Session: beginChallenge(attempt, user, "NEW_PASSWORD_REQUIRED"),
      ChallengeParameters: {
        USER_ID_FOR_SRP: user.username,
        requiredAttributes: "[]",
        userAttributes: JSON.stringify(user.attributes),
      },
    };
  }
  return { ChallengeParameters: {}, AuthenticationResult: await openSession(store, client, user, clock) };
};
