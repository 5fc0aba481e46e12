import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { Store } from "./store.ts";

/** A key pair ready for use. */
export interface Keys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly kid: string;
}

const newKey = async (): Promise<JWK> => {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return {
    ...(await exportJWK(privateKey)),
    kid: randomBytes(32).toString("base64"),
    alg: "RS256",
    use: "sig",
  };
};

const making = new WeakMap<Store, Promise<void>>();

const makeKeys = async (store: Store) => {
  store.state.keys = await Promise.all([newKey(), newKey()]);
  store.changed();
};

/** Makes the two keys of a pool on its first start: one signs ID tokens, the other access tokens. */
export const ensureKeys = async (store: Store): Promise<void> => {
  if (store.state.keys.length >= 2) return;
  const started = making.get(store) ?? makeKeys(store);
  making.set(store, started);
  await started;
};

/** The public halves, as served under `/.well-known/jwks.json`. */
export const publicKeys = async (store: Store): Promise<{ keys: JWK[] }> => {
  await ensureKeys(store);
  return {
    keys: store.state.keys.map(({ kid, alg, use, kty, n, e }) => ({ alg, e, kid, kty, n, use }) as JWK),
  };
};

/** Parsing a key costs more than signing with it. */
const parsed = new WeakMap<JWK, Keys>();

/** The pair for one use. */
export const keysFor = async (store: Store, use: "id" | "access"): Promise<Keys> => {
  await ensureKeys(store);
  const jwk = store.state.keys[use === "id" ? 0 : 1] as JWK;
  const known = parsed.get(jwk);
  if (known) return known;
  const privateKey = createPrivateKey({ key: { ...jwk }, format: "jwk" });
  const keys = { privateKey, publicKey: createPublicKey(privateKey), kid: String(jwk.kid) };
  parsed.set(jwk, keys);
  return keys;
};
