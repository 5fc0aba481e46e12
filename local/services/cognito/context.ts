import { createHmac, timingSafeEqual } from "node:crypto";
import type { Cloud } from "../../kit/cloud.ts";
import { errors, type Input, maybe, text } from "./errors.ts";
import type { Lockout } from "./lockout.ts";
import type { ClientSettings } from "./pools.ts";
import type { Exchange, SrpVerifier } from "./srp.ts";
import type { Store, User } from "./store.ts";

/** A challenge waiting for its answer; it lives three minutes, Cognito's default. */
export interface Challenge {
  readonly name: string;
  readonly username: string;
  readonly clientId: string;
  readonly expiresAt: number;
  readonly exchange?: Exchange;
  readonly verifier?: SrpVerifier;
}

/** What every operation works on. */
export interface Context {
  readonly cloud: Cloud;
  readonly stores: ReadonlyMap<string, Store>;
  readonly challenges: Map<string, Challenge>;
  readonly lockout: Lockout;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** One API operation: input to output. */
export type Operation = (context: Context, input: Input) => object | Promise<object>;

/** The pool an administrator names. */
export const poolNamed = ({ stores }: Context, input: Input): Store => {
  const id = text(input, "UserPoolId");
  const store = stores.get(id);
  if (!store) throw errors.noPool(id);
  return store;
};

/** A client and the pool it belongs to. */
export const clientNamed = ({ stores }: Context, id: string): { store: Store; client: ClientSettings } => {
  for (const store of stores.values()) {
    const client = store.pool.clients.find((c) => c.id === id);
    if (client) return { store, client };
  }
  throw errors.noClient(id);
};

/** The client a public call names, its secret proven where it has one. */
export const publicClient = (
  context: Context,
  input: Input,
  username: string | undefined,
  given = maybe(input, "SecretHash"),
): { store: Store; client: ClientSettings } => {
  const found = clientNamed(context, text(input, "ClientId"));
  if (username !== undefined) checkSecretHash(found.client, username, given);
  return found;
};

/** Throws unless `given` is the HMAC of user name and client id under the client's secret. */
export const checkSecretHash = (
  { id, secret }: ClientSettings,
  username: string,
  given: string | undefined,
): void => {
  if (!secret) return;
  if (!given) throw errors.refused(`Client ${id} is configured with secret but SECRET_HASH was not received`);
  const expected = createHmac("sha256", secret)
    .update(username + id)
    .digest();
  const actual = Buffer.from(given, "base64");
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw errors.refused(`SecretHash does not match for the client: ${id}`);
  }
};

/** The user an administrator names. */
export const userNamed = (store: Store, input: Input): User => {
  const user = store.find(text(input, "Username"));
  if (!user) throw errors.noUser();
  return user;
};

type Attribute = { Name?: string; Value?: string };

/** `[{Name, Value}]` as a record. */
export const attributesOf = (list: unknown): Record<string, string> =>
  Object.fromEntries(
    (Array.isArray(list) ? (list as Attribute[]) : []).flatMap((a) =>
      a.Name ? [[a.Name, a.Value ?? ""]] : [],
    ),
  );

/** A record as `[{Name, Value}]`, the subject first. */
export const attributeList = (user: User): Attribute[] =>
  [["sub", user.sub], ...Object.entries(user.attributes)].map(
    ([Name, Value]) => ({ Name, Value }) as Attribute,
  );
