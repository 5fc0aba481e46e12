import { type Attempt, admit, unknownUser } from "./attempt.ts";
import { type Challenge, checkSecretHash, clientNamed, type Operation } from "./context.ts";
import { errors, type Input, maybe, text } from "./errors.ts";
import { provesPassword } from "./srp.ts";
import { setPassword } from "./users.ts";

const verifyPassword = async (attempt: Attempt, challenge: Challenge): Promise<object> => {
  const { context, store, parameters } = attempt;
  const { exchange, verifier, username } = challenge;
  const user = store.find(username);
  context.lockout.attempt(username);
  const claim = {
    poolId: store.pool.id,
    username,
    timestamp: text(parameters, "TIMESTAMP"),
    signature: text(parameters, "PASSWORD_CLAIM_SIGNATURE"),
    secretBlock: text(parameters, "PASSWORD_CLAIM_SECRET_BLOCK"),
  };
  if (!user || !exchange || !verifier || !provesPassword(exchange, verifier, claim)) {
    throw errors.wrongPassword();
  }
  return admit(attempt, user);
};

const newPassword = async (attempt: Attempt, { username }: Challenge): Promise<object> => {
  const { context, store, client, parameters } = attempt;
  const user = store.find(username);
  if (!user) throw unknownUser(client);
  await setPassword(store, user, text(parameters, "NEW_PASSWORD"), context.cloud.clock);
  for (const [name, value] of Object.entries(parameters)) {
    if (name.startsWith("userAttributes.")) user.attributes[name.slice(15)] = String(value);
  }
  user.status = "CONFIRMED";
  store.changed();
  return admit(attempt, user);
};

/** Answers a challenge, whoever set it. */
export const respond: Operation = async (context, input) => {
  const { store, client } = clientNamed(context, text(input, "ClientId"));
  const parameters = (input.ChallengeResponses ?? {}) as Input;
  const session = maybe(input, "Session") ?? "";
  // SRP clients identify their challenge by its secret block and send no session
  const [key, challenge] =
    [...context.challenges].find(
      ([id, { exchange }]) =>
        id === session || (!session && exchange?.secretBlock === parameters.PASSWORD_CLAIM_SECRET_BLOCK),
    ) ?? [];
  const stale =
    !challenge || challenge.clientId !== client.id || challenge.expiresAt <= context.cloud.clock.now();
  if (!key || stale || challenge.name !== text(input, "ChallengeName")) {
    throw errors.refused("Invalid session for the user, session is expired.");
  }
  const name = maybe(parameters, "USERNAME") ?? "";
  checkSecretHash(client, name, maybe(parameters, "SECRET_HASH"));
  const attempt = { context, store, client, parameters };
  const answer = await (challenge.name === "PASSWORD_VERIFIER" ? verifyPassword : newPassword)(
    attempt,
    challenge,
  );
  context.challenges.delete(key); // spent by success alone: a password the policy refuses may be tried again
  return answer;
};
