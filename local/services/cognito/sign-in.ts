import { randomUUID } from "node:crypto";
import { type Attempt, admit, beginChallenge, unknownUser } from "./attempt.ts";
import { respond } from "./challenges.ts";
import { checkSecretHash, clientNamed, type Operation, poolNamed } from "./context.ts";
import { errors, type Input, maybe, text } from "./errors.ts";
import { passwordMatches } from "./passwords.ts";
import { beginExchange, createVerifier } from "./srp.ts";
import type { User } from "./store.ts";
import { refresh } from "./tokens.ts";

const byPassword = async (attempt: Attempt): Promise<object> => {
  const { context, store, client, parameters } = attempt;
  const name = text(parameters, "USERNAME");
  checkSecretHash(client, name, maybe(parameters, "SECRET_HASH"));
  const user = store.find(name);
  context.lockout.attempt(user?.username ?? name);
  const right = await passwordMatches(text(parameters, "PASSWORD"), user?.password);
  if (!user) throw unknownUser(client);
  if (!right) throw errors.wrongPassword();
  return admit(attempt, user);
};

const bySrp = (attempt: Attempt): object => {
  const { store, client, parameters } = attempt;
  const name = text(parameters, "USERNAME");
  checkSecretHash(client, name, maybe(parameters, "SECRET_HASH"));
  const user = store.find(name);
  if (!user && !client.hidesUsers) throw errors.noUser();
  // an unknown user gets a challenge too, one that no password answers
  const stranger = { username: randomUUID() } as User;
  const verifier = user?.srp ?? createVerifier(store.pool.id, stranger.username, randomUUID());
  const exchange = beginExchange(text(parameters, "SRP_A"), verifier);
  if (!exchange) throw errors.parameter("Invalid SRP_A");
  return {
    ChallengeName: "PASSWORD_VERIFIER",
    Session: beginChallenge(attempt, user ?? stranger, "PASSWORD_VERIFIER", { exchange, verifier }),
    ChallengeParameters: {
      SALT: verifier.salt,
      SECRET_BLOCK: exchange.secretBlock,
      SRP_B: exchange.publicB,
      USERNAME: (user ?? stranger).username,
      USER_ID_FOR_SRP: (user ?? stranger).username,
    },
  };
};

const byRefreshToken = async ({ context, store, client, parameters }: Attempt): Promise<object> => {
  // the secret itself may stand here, for the client cannot know the user's real name
  const given = maybe(parameters, "SECRET_HASH");
  if (client.secret && !given) checkSecretHash(client, "", given);
  if (client.rotationGrace !== undefined) {
    throw errors.parameter("Refresh token rotation is enabled: use GetTokensFromRefreshToken");
  }
  const token = text(parameters, "REFRESH_TOKEN");
  return {
    ChallengeParameters: {},
    AuthenticationResult: await refresh(store, client, token, context.cloud.clock),
  };
};

interface Flow {
  /** Any of these in the client's settings allows the flow. */
  readonly allowedBy: readonly string[];
  readonly run: (attempt: Attempt) => object | Promise<object>;
}

const PUBLIC: Record<string, Flow> = {
  USER_PASSWORD_AUTH: { allowedBy: ["ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"], run: byPassword },
  USER_SRP_AUTH: { allowedBy: ["ALLOW_USER_SRP_AUTH"], run: bySrp },
  REFRESH_TOKEN_AUTH: { allowedBy: ["ALLOW_REFRESH_TOKEN_AUTH"], run: byRefreshToken },
  REFRESH_TOKEN: { allowedBy: ["ALLOW_REFRESH_TOKEN_AUTH"], run: byRefreshToken },
};

const ADMIN_PASSWORD: Flow = {
  allowedBy: ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"],
  run: byPassword,
};
const { USER_PASSWORD_AUTH: _, ...SHARED } = PUBLIC;
const ADMIN: Record<string, Flow> = {
  ...SHARED,
  ADMIN_USER_PASSWORD_AUTH: ADMIN_PASSWORD,
  ADMIN_NO_SRP_AUTH: ADMIN_PASSWORD,
};

const initiate =
  (flows: Record<string, Flow>): Operation =>
  (context, input) => {
    const { store, client } = clientNamed(context, text(input, "ClientId"));
    if (input.UserPoolId !== undefined && poolNamed(context, input) !== store)
      throw errors.noClient(client.id);
    const name = text(input, "AuthFlow");
    const flow = flows[name];
    if (!flow) throw errors.parameter(`The local user pool does not run the flow ${name}.`);
    if (!flow.allowedBy.some((f) => client.flows.has(f))) {
      const called = name.replace("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN");
      throw errors.parameter(`${called} flow not enabled for this client`);
    }
    return flow.run({ context, store, client, parameters: (input.AuthParameters ?? {}) as Input });
  };

/** Signing in, by the flows the client allows. */
export const signInOperations: Record<string, Operation> = {
  InitiateAuth: initiate(PUBLIC),
  RespondToAuthChallenge: respond,
  AdminInitiateAuth: initiate(ADMIN),
  AdminRespondToAuthChallenge: respond,
};
