import { createHash } from "node:crypto";

/** Endless deterministic characters for one resource: local data must find the same ids again after a restart. */
export interface Ids {
  lower(length: number): string;
  upper(length: number): string;
  mixed(length: number): string;
  hex(length: number): string;
  digits(length: number): string;
  uuid(): string;
  base64(bytes: number): string;
  /** Other characters of the same resource, for its second id. */
  second(): Ids;
}

const digits = "0123456789";
const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();

const bytes = (seed: string, length: number): Buffer => {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 32 < length; i++) blocks.push(createHash("sha256").update(`${i}:${seed}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
};

/** Ids drawn from `seed`: a URN, which holds app and stage. */
export const idsOf = (seed: string, salt = ""): Ids => {
  const draw = (alphabet: string, length: number) =>
    Array.from(bytes(`${alphabet.length}${salt}:${seed}`, length), (b) => alphabet[b % alphabet.length]).join(
      "",
    );
  return {
    lower: (length) => draw(lower + digits, length),
    upper: (length) => draw(upper + digits, length),
    mixed: (length) => draw(lower + upper + digits, length),
    hex: (length) => draw("0123456789abcdef", length),
    digits: (length) => draw(digits, length),
    uuid() {
      const h = bytes(`${salt}:${seed}`, 16).toString("hex");
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`;
    },
    base64: (length) => bytes(`${salt}:${seed}`, length).toString("base64"),
    second: () => idsOf(seed, `${salt}+`),
  };
};
