import { timingSafeEqual } from "node:crypto";
import { sendCode, spendCode } from "./codes.ts";
import { attributeList, attributesOf, type Context, clientNamed, type Operation } from "./context.ts";
import { CognitoError, errors, type Input, maybe, text } from "./errors.ts";
import { passwordMatches } from "./passwords.ts";
import type { ClientSettings } from "./pools.ts";
import { claimedPool, endSessions, refresh, sessionOf, userOfToken } from "./tokens.ts";
import { setPassword } from "./users.ts";

const signedIn = async (context: Context, input: Input) => {
  const token = text(input, "AccessToken");
  const store = context.stores.get(claimedPool(token) ?? "");
  if (!store) throw errors.refused("Invalid Access Token");
  return { store, ...(await userOfToken(store, token, context.cloud.clock)) };
};

const getUser: Operation = async (context, input) => {
  const { user } = await signedIn(context, input);
  return { Username: user.username, UserAttributes: attributeList(user) };
};

const changePassword: Operation = async (context, input) => {
  const { store, user } = await signedIn(context, input);
  if (!(await passwordMatches(text(input, "PreviousPassword"), user.password))) throw errors.wrongPassword();
  await setPassword(store, user, text(input, "ProposedPassword"), context.cloud.clock);
  return {};
};

/** Attributes a user may not write: the subject, and what only a code can make true. */
const READ_ONLY = new Set(["sub", "email_verified", "phone_number_verified"]);

const updateAttributes: Operation = async (context, input) => {
  const { store, user } = await signedIn(context, input);
  const changes = attributesOf(input.UserAttributes);
  const forbidden = Object.keys(changes).find((name) => READ_ONLY.has(name));
  if (forbidden) throw errors.refused("A client attempted to write unauthorized attribute");
  const delivered = [];
  for (const [name, value] of Object.entries(changes)) {
    const holder = store.find(value);
    if (store.pool.usernameAttributes.includes(name) && holder && holder !== user) {
      throw new CognitoError("AliasExistsException", `An account with the given ${name} already exists.`);
    }
    const changed = user.attributes[name] !== value;
    user.attributes[name] = value;
    if (!changed || !store.pool.autoVerified.includes(name)) continue;
    user.attributes[`${name}_verified`] = "false";
    const to = sendCode(context, store, user, "attribute");
    if (to) delivered.push(to);
  }
  user.modifiedAt = context.cloud.clock.now();
  store.changed();
  return { CodeDeliveryDetailsList: delivered };
};

const verifyAttribute: Operation = async (context, input) => {
  const { store, user } = await signedIn(context, input);
  spendCode(context, store, user, "attribute", text(input, "Code"));
  user.attributes[`${text(input, "AttributeName")}_verified`] = "true";
  store.changed();
  return {};
};

const globalSignOut: Operation = async (context, input) => {
  const { store, user } = await signedIn(context, input);
  endSessions(store, (session) => session.username === user.username);
  return {};
};

const deleteUser: Operation = async (context, input) => {
  const { store, user } = await signedIn(context, input);
  store.remove(user);
  return {};
};

const checkSecret = ({ secret }: ClientSettings, given: string | undefined) => {
  if (!secret) return;
  const [a, b] = [Buffer.from(secret), Buffer.from(given ?? "")];
  if (a.length !== b.length || !timingSafeEqual(a, b)) {
    throw new CognitoError("UnauthorizedException", "Client secret is invalid.");
  }
};

const revoke: Operation = (context, input) => {
  const { store, client } = clientNamed(context, text(input, "ClientId"));
  checkSecret(client, maybe(input, "ClientSecret"));
  const session = sessionOf(store, client, text(input, "Token"));
  // a token nobody knows is as good as revoked (RFC 7009)
  if (session) endSessions(store, (s) => s === session);
  return {};
};

const fromRefreshToken: Operation = async (context, input) => {
  const { store, client } = clientNamed(context, text(input, "ClientId"));
  checkSecret(client, maybe(input, "ClientSecret"));
  const token = text(input, "RefreshToken");
  return { AuthenticationResult: await refresh(store, client, token, context.cloud.clock) };
};

/** What a signed-in user may do about their own account. */
export const accountOperations: Record<string, Operation> = {
  GetUser: getUser,
  ChangePassword: changePassword,
  UpdateUserAttributes: updateAttributes,
  VerifyUserAttribute: verifyAttribute,
  GlobalSignOut: globalSignOut,
  DeleteUser: deleteUser,
  RevokeToken: revoke,
  GetTokensFromRefreshToken: fromRefreshToken,
};
