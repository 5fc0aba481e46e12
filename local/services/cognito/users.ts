import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Clock } from "../../kit/clock.ts";
import { CognitoError, errors } from "./errors.ts";
import { checkPolicy, hashPassword } from "./passwords.ts";
import type { PasswordPolicy } from "./pools.ts";
import { createVerifier } from "./srp.ts";
import type { Store, User } from "./store.ts";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^\+\d{5,15}$/;

/** The subject that a name stands for where names are e-mail addresses or telephone numbers. */
const nameAttribute = (store: Store, name: string): string | undefined => {
  const allowed = store.pool.usernameAttributes;
  if (allowed.includes("email") && EMAIL.test(name)) return "email";
  if (allowed.includes("phone_number") && PHONE.test(name)) return "phone_number";
  if (allowed.length === 0) return undefined;
  const what = allowed.map((a) => (a === "email" ? "an email" : "a phone number")).join(" or ");
  throw errors.parameter(`Username should be ${what}.`);
};

const checkFree = (store: Store, name: string, attributes: Record<string, string>) => {
  if (store.find(name)) throw new CognitoError("UsernameExistsException", "User already exists");
  for (const alias of store.pool.usernameAttributes) {
    if (attributes[alias] && store.find(attributes[alias])) {
      throw new CognitoError("UsernameExistsException", `An account with the given ${alias} already exists.`);
    }
  }
};

/** Adds a user under `name`, which becomes an attribute where the pool's user names are addresses. */
export const createUser = (
  store: Store,
  name: string,
  given: Record<string, string>,
  status: User["status"],
  clock: Clock,
): User => {
  const attribute = nameAttribute(store, name);
  const attributes = attribute ? { ...given, [attribute]: name } : given;
  if (attributes.email && !EMAIL.test(attributes.email))
    throw errors.parameter("Invalid email address format.");
  checkFree(store, name, attributes);
  const sub = randomUUID();
  const now = clock.now();
  const user: User = {
    username: attribute ? sub : name,
    sub,
    createdAt: now,
    modifiedAt: now,
    status,
    enabled: true,
    attributes,
    groups: [],
    codes: {},
  };
  store.add(user);
  return user;
};

/** Sets a password the policy allows. A verifier for SRP is kept only where a client may use it: it is easier to guess from. */
export const setPassword = async (
  store: Store,
  user: User,
  password: string,
  clock: Clock,
): Promise<void> => {
  checkPolicy(password, store.pool.policy);
  const kept = await hashPassword(password);
  user.password = kept;
  delete user.temporaryUntil;
  delete user.srp;
  if (store.pool.clients.some((c) => c.flows.has("ALLOW_USER_SRP_AUTH"))) {
    user.srp = createVerifier(store.pool.id, user.username, password);
  }
  user.modifiedAt = clock.now();
  store.changed();
};

/** A password that satisfies any policy, for users an administrator makes without one. */
export const temporaryPassword = ({ minimumLength }: PasswordPolicy): string =>
  `Aa1!${randomInt(10)}${randomBytes(64).toString("base64url")}`.slice(0, Math.max(minimumLength, 16));
