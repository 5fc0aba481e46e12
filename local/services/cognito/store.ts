import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JWK } from "jose";
import { readKept } from "../../kit/kept.ts";
import type { PasswordHash } from "./passwords.ts";
import type { PoolSettings } from "./pools.ts";
import type { SrpVerifier } from "./srp.ts";

/** A code that was sent, for one purpose. */
export interface Code {
  readonly code: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  /** Wrong guesses so far. */
  misses: number;
}

/** A user of a pool. Times are epoch ms. */
export interface User {
  readonly username: string;
  readonly sub: string;
  readonly createdAt: number;
  modifiedAt: number;
  status: "UNCONFIRMED" | "CONFIRMED" | "FORCE_CHANGE_PASSWORD" | "RESET_REQUIRED";
  enabled: boolean;
  attributes: Record<string, string>;
  groups: string[];
  password?: PasswordHash;
  srp?: SrpVerifier;
  /** When a password set by an administrator stops working. */
  temporaryUntil?: number;
  codes: { signUp?: Code; reset?: Code; attribute?: Code };
}

/** One sign-in: lives as long as its refresh token. */
export interface Session {
  /** `origin_jti` of every token of this sign-in. */
  readonly id: string;
  readonly username: string;
  readonly clientId: string;
  readonly authTime: number;
  readonly expiresAt: number;
  /** SHA-256 of each refresh token that works, with the time it stops: rotation leaves the former a while. */
  tokens: Record<string, number>;
}

/** What is kept of a pool. */
export interface PoolState {
  users: User[];
  sessions: Session[];
  /** Private keys: one signs ID tokens, one access tokens, as in Cognito. */
  keys: JWK[];
}

/** A pool's users, found by any of their names. */
export interface Store {
  readonly pool: PoolSettings;
  readonly state: PoolState;
  find(name: string): User | undefined;
  add(user: User): void;
  remove(user: User): void;
  /** Says that something changed: written soon, in one piece. */
  changed(): void;
  flush(): Promise<void>;
}

const ALIASES = ["email", "phone_number", "preferred_username"];

const emptyState = (): PoolState => ({ users: [], sessions: [], keys: [] });

const readState = (file: string | undefined): PoolState => ({
  ...emptyState(),
  ...(file ? readKept(file) : {}),
});

const createWriter = (file: string | undefined, folder: string | undefined, state: PoolState) => {
  let dirty = false;
  let writing: Promise<void> | undefined;
  const drain = async () => {
    if (!file || !folder) return;
    await mkdir(folder, { recursive: true });
    while (dirty) {
      dirty = false;
      // keys and hashes: for the developer's eyes only
      await writeFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
      await rename(`${file}.new`, file);
    }
  };
  return {
    changed() {
      dirty = true;
      writing ??= drain().finally(() => {
        writing = undefined;
      });
    },
    flush: async () => {
      await writing;
    },
  };
};

/** Opens a pool's users; `folder` undefined keeps them in memory. */
export const openStore = async (pool: PoolSettings, folder: string | undefined): Promise<Store> => {
  const file = folder && join(folder, `${pool.id}.json`);
  const state = readState(file);
  const writer = createWriter(file, folder, state);
  const byName = new Map<string, User>();
  const fold = (name: string) => (pool.caseSensitive ? name : name.toLowerCase());
  const names = (user: User) => [
    user.username,
    ...ALIASES.filter((a) => pool.usernameAttributes.includes(a) || isVerifiedAlias(pool, user, a)).flatMap(
      (a) => user.attributes[a] ?? [],
    ),
  ];
  const index = () => {
    byName.clear();
    for (const user of state.users) for (const name of names(user)) byName.set(fold(name), user);
  };
  index();
  return {
    pool,
    state,
    find: (name) => byName.get(fold(name)),
    add(user) {
      state.users.push(user);
      index();
      writer.changed();
    },
    remove(user) {
      state.users.splice(state.users.indexOf(user), 1);
      state.sessions = state.sessions.filter((s) => s.username !== user.username);
      index();
      writer.changed();
    },
    changed() {
      index();
      writer.changed();
    },
    flush: writer.flush,
  };
};

/** An alias names its user once it is verified; a preferred name always does. */
const isVerifiedAlias = (pool: PoolSettings, user: User, attribute: string) =>
  pool.aliasAttributes.includes(attribute) &&
  (attribute === "preferred_username" || user.attributes[`${attribute}_verified`] === "true");
