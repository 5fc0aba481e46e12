import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { CognitoError } from "./errors.ts";
import type { PasswordPolicy } from "./pools.ts";

/** A password as it is kept. */
export interface PasswordHash {
  readonly salt: string;
  readonly hash: string;
}

/** 2^14 rounds of 1 KiB: about 40 ms, which a sign-in can bear and a guesser cannot. */
const COST = { N: 2 ** 14, r: 8, p: 1 };

const derive = (password: string, salt: string) =>
  new Promise<Buffer>((resolve, reject) =>
    scrypt(password, Buffer.from(salt, "hex"), 32, COST, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );

/** Hashes a password with a salt of its own. */
export const hashPassword = async (password: string): Promise<PasswordHash> => {
  const salt = randomBytes(16).toString("hex");
  return { salt, hash: (await derive(password, salt)).toString("hex") };
};

/** A hash nobody's password has: checked for users that do not exist, so that the time taken tells nothing. */
const NOBODY: PasswordHash = { salt: "00".repeat(16), hash: "00".repeat(32) };

/** True when `password` is the one that was hashed; as slow without a hash as with one. */
export const passwordMatches = async (password: string, kept: PasswordHash = NOBODY): Promise<boolean> =>
  timingSafeEqual(await derive(password, kept.salt), Buffer.from(kept.hash, "hex"));

const SYMBOLS = /[\^$*.[\]{}()?\-"!@#%&/\\,><':;|_~`+=]|(?<=\S) (?=\S)/;

/** Throws what Cognito says of a password its policy refuses. */
export const checkPolicy = (password: string, policy: PasswordPolicy): void => {
  const refuse = (why: string) =>
    new CognitoError("InvalidPasswordException", `Password did not conform with policy: ${why}`);
  if (password.length < policy.minimumLength || password.length > 256)
    throw refuse("Password not long enough");
  if (policy.requireLowercase && !/[a-z]/.test(password))
    throw refuse("Password must have lowercase characters");
  if (policy.requireUppercase && !/[A-Z]/.test(password))
    throw refuse("Password must have uppercase characters");
  if (policy.requireNumbers && !/\d/.test(password)) throw refuse("Password must have numeric characters");
  if (policy.requireSymbols && !SYMBOLS.test(password)) throw refuse("Password must have symbol characters");
};
