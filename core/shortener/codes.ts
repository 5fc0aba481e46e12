import { createHash } from "node:crypto";
import { limits } from "./link.schema.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = 62n;

/**
 * Codes of 7 base62 characters there are: 62^7 = 3.52 × 10^12.
 * At 100 M links a day, five years make 1.83 × 10^11 links: 5.2 % of them. A counter uses each once and never collides.
 * A random code meets a taken one with probability n / 62^7: 1.04 % after one year (n = 3.65 × 10^10), 5.2 % after five,
 * so shortening needs 1 / (1 − p) ≈ 1.05 writes on average then. Six characters (5.7 × 10^10) would be full in 19 months.
 */
export const CODE_SPACE = BASE ** BigInt(limits.generatedLength);

/** `value` in base62, as `length` digits, most significant first. */
export const toBase62 = (value: bigint, length: number): string => {
  let rest = value;
  let text = "";
  for (let digit = 0; digit < length; digit++) {
    text = ALPHABET.charAt(Number(rest % BASE)) + text;
    rest /= BASE;
  }
  return text;
};

// 2^256 ≈ 60 × 62^42: a digest holds 42 digits, the lowest ones uniform and the very top one to within 2 %.
const SLICES = 6;
const ROUNDS = 2;

/**
 * Candidate codes for a link, best first: 7-digit slices of SHA-256(identity) in base62, then of a second digest. The
 * same link always walks the same codes in the same order, so two identical requests meet on the same one.
 */
export function* hashCodes(identity: string): Generator<string> {
  for (let round = 0; round < ROUNDS; round++) {
    const digest = createHash("sha256").update(`${round}\0${identity}`).digest("hex");
    const digits = toBase62(BigInt(`0x${digest}`), SLICES * limits.generatedLength);
    for (let slice = SLICES - 1; slice >= 0; slice--) {
      yield digits.slice(slice * limits.generatedLength, (slice + 1) * limits.generatedLength);
    }
  }
}

// Paths the product itself answers, now or later, and names a visitor would take for ours. Compared case-insensitively
// after NFKC, so that neither `API` nor a full-width `ａｐｉ` passes.
const RESERVED = new Set(
  `_local about abuse account admin api app apps assets auth blog cdn console contact dashboard dev docs favicon
  favicon.ico graphql health healthz help home humans.txt index index.html legal links login logout manifest
  manifest.webmanifest map metrics null oauth openapi password ping pricing privacy public register robots robots.txt
  security settings shorten shortener sign-in sign-out sign-up signin signout signup sitemap sitemap.xml static stats status
  sw support terms undefined users web well-known .well-known www`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

/** Whether a custom code is kept for the product's own paths. */
export const isReserved = (code: string): boolean => RESERVED.has(code.normalize("NFKC").toLowerCase());
