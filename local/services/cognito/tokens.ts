import { createHash, randomBytes, randomUUID } from "node:crypto";
import { decodeJwt, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Clock } from "../../kit/clock.ts";
import { errors } from "./errors.ts";
import { keysFor } from "./keys.ts";
import type { ClientSettings, PoolSettings } from "./pools.ts";
import type { Session, Store, User } from "./store.ts";

/** What a sign-in answers. */
export interface AuthenticationResult {
  readonly AccessToken: string;
  readonly IdToken: string;
  readonly RefreshToken?: string;
  readonly ExpiresIn: number;
  readonly TokenType: "Bearer";
}

const digest = (token: string) => createHash("sha256").update(token).digest("hex");

const sign = async (store: Store, use: "id" | "access", claims: JWTPayload) => {
  const { privateKey, kid } = await keysFor(store, use);
  return new SignJWT(claims).setProtectedHeader({ kid, alg: "RS256" }).sign(privateKey);
};

const flag = (name: string, value: string) => (name.endsWith("_verified") ? value === "true" : value);

const common = (store: Store, user: User, session: Session, now: number, seconds: number): JWTPayload => ({
  sub: user.sub,
  ...(user.groups.length > 0 ? { "cognito:groups": user.groups } : {}),
  iss: store.pool.issuer,
  origin_jti: session.id,
  event_id: randomUUID(),
  auth_time: session.authTime,
  iat: now,
  exp: now + seconds,
  jti: randomUUID(),
});

/** ID and access token of a session, with Cognito's claims. */
export const issueTokens = async (
  store: Store,
  client: ClientSettings,
  user: User,
  session: Session,
  clock: Clock,
): Promise<AuthenticationResult> => {
  const now = Math.floor(clock.now() / 1_000);
  const attributes = Object.entries(user.attributes).map(([name, value]) => [name, flag(name, value)]);
  const [AccessToken, IdToken] = await Promise.all([
    sign(store, "access", {
      ...common(store, user, session, now, client.accessSeconds),
      client_id: client.id,
      token_use: "access",
      scope: "aws.cognito.signin.user.admin",
      username: user.username,
    }),
    sign(store, "id", {
      ...Object.fromEntries(attributes),
      ...common(store, user, session, now, client.idSeconds),
      "cognito:username": user.username,
      aud: client.id,
      token_use: "id",
    }),
  ]);
  return { AccessToken, IdToken, ExpiresIn: client.accessSeconds, TokenType: "Bearer" };
};

const newRefreshToken = () => randomBytes(96).toString("base64url");

/** Opens a session for a user who has just proved who they are. */
export const openSession = async (
  store: Store,
  client: ClientSettings,
  user: User,
  clock: Clock,
): Promise<AuthenticationResult> => {
  const now = clock.now();
  const [RefreshToken, expiresAt] = [newRefreshToken(), now + client.refreshSeconds * 1_000];
  const session: Session = {
    id: randomUUID(),
    username: user.username,
    clientId: client.id,
    authTime: Math.floor(now / 1_000),
    expiresAt,
    tokens: { [digest(RefreshToken)]: expiresAt },
  };
  store.state.sessions = [...store.state.sessions.filter((s) => s.expiresAt > now), session];
  store.changed();
  return { ...(await issueTokens(store, client, user, session, clock)), RefreshToken };
};

/** The session of a refresh token; undefined when there is none such, or no longer. */
export const sessionOf = (store: Store, client: ClientSettings, token: string): Session | undefined =>
  store.state.sessions.find((s) => s.clientId === client.id && digest(token) in s.tokens);

/** New tokens for a refresh token; a rotating client also gets a new one of these. */
export const refresh = async (
  store: Store,
  client: ClientSettings,
  token: string,
  clock: Clock,
): Promise<AuthenticationResult> => {
  const session = sessionOf(store, client, token);
  const user = session && store.find(session.username);
  if (!session || !user) throw errors.refused("Invalid Refresh Token");
  if ((session.tokens[digest(token)] ?? 0) <= clock.now()) throw errors.refused("Refresh Token has expired");
  if (!user.enabled) throw errors.disabled();
  const tokens = await issueTokens(store, client, user, session, clock);
  if (client.rotationGrace === undefined) return tokens;
  const RefreshToken = newRefreshToken();
  session.tokens = {
    [digest(token)]: Math.min(session.tokens[digest(token)] ?? 0, clock.now() + client.rotationGrace * 1_000),
    [digest(RefreshToken)]: session.expiresAt,
  };
  store.changed();
  return { ...tokens, RefreshToken };
};

/** The pool an access token claims to come from, unverified: it names the store to verify it with. */
export const claimedPool = (token: string): string | undefined => {
  try {
    return decodeJwt(token).iss?.split("/").at(-1);
  } catch {
    return undefined;
  }
};

/** The user and session of an access token; throws what Cognito says of one that is no good. */
export const userOfToken = async (
  store: Store,
  token: string,
  clock: Clock,
): Promise<{ user: User; session: Session }> => {
  const { publicKey } = await keysFor(store, "access");
  const options = { issuer: store.pool.issuer, algorithms: ["RS256"], currentDate: new Date(clock.now()) };
  const { payload } = await jwtVerify(token, publicKey, options).catch((error: { code?: string }) => {
    throw errors.refused(
      error.code === "ERR_JWT_EXPIRED" ? "Access Token has expired" : "Invalid Access Token",
    );
  });
  if (payload.token_use !== "access") throw errors.refused("Invalid Access Token");
  const session = store.state.sessions.find((s) => s.id === payload.origin_jti);
  const user = store.find(String(payload.username));
  if (!session || !user) throw errors.refused("Access Token has been revoked");
  if (!user.enabled) throw errors.disabled();
  return { user, session };
};

/** Ends sessions: their refresh tokens, and with them the access tokens Cognito itself is asked about. */
export const endSessions = (store: Store, ends: (session: Session) => boolean): void => {
  store.state.sessions = store.state.sessions.filter((session) => !ends(session));
  store.changed();
};

/** Discovery document. The issuer is AWS's, as in the tokens; the keys are served here. */
export const discovery = ({ issuer, id }: PoolSettings, endpoint: string) => ({
  issuer,
  jwks_uri: `${endpoint}/${id}/.well-known/jwks.json`,
  id_token_signing_alg_values_supported: ["RS256"],
  response_types_supported: ["code", "token"],
  scopes_supported: ["openid", "email", "phone", "profile"],
  subject_types_supported: ["public"],
});
