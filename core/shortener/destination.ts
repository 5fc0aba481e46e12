import { createHash } from "node:crypto";
import { domainToUnicode } from "node:url";
import { Problem } from "#core/kit/problem.ts";
import { limits } from "./link.schema.ts";
import { isLookalike } from "./lookalike.ts";
import { isOwn } from "./own.ts";

/** Where a link leads, checked and in canonical form. */
export interface Destination {
  readonly url: string;
  /** A host that can be mistaken for another: shown to people as a warning, never refused. */
  readonly lookalike: boolean;
}

// C0, DEL and C1 controls, line and paragraph separators, bidirectional controls, zero-width characters. The WHATWG
// parser silently drops tab and newline, so they are refused before it: they hide what a person believes to paste.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const HIDDEN = /[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const PORT_ONLY = /^[^/?#]*:\d+(?:[/?#]|$)/;

/**
 * The canonical form of what was typed, by the WHATWG URL standard: scheme and host in lower case, host in punycode
 * (UTS 46), default port dropped, dot segments resolved, what must be percent-encoded encoded. Besides: a missing scheme
 * means https, a trailing dot of the host goes. Kept as typed, since a server may tell them apart: order and
 * repetition of query parameters, case of the path, a trailing slash, the fragment.
 * Throws `unsafe-url` or, for hosts in `own`, `self-link`.
 */
export const toDestination = (text: string, own: readonly string[]): Destination => {
  if (HIDDEN.test(text)) throw unsafe("The URL holds control or invisible characters");
  const url = parse(
    SCHEME.test(text) && !PORT_ONLY.test(text) ? text : `https://${text.replace(/^\/\//, "")}`,
  );
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw unsafe(`Only http and https can be shortened, not ${url.protocol}`);
  }
  if (url.username !== "" || url.password !== "") throw unsafe("The URL carries a user name or password");
  url.hostname = url.hostname.replace(/\.+$/, "");
  // The setter keeps a host of dots alone, and the parser takes empty labels: no name server knows any such.
  if (url.hostname.length > 253 || url.hostname.split(".").includes(""))
    throw unsafe("The URL has no host that can exist");
  const canonical = url.href;
  // Percent-encoding makes up to nine bytes of one character, so length is judged here and not by the schema alone.
  if (canonical.length > limits.urlBytes) throw unsafe(`A URL may be ${limits.urlBytes} bytes long`);
  if (isOwn(url, own)) throw new Problem("self-link", `${url.host} is one of our short domains`);
  return { url: canonical, lookalike: isLookalike(domainToUnicode(url.hostname)) };
};

const parse = (text: string): URL => {
  const url = URL.parse(text);
  if (url) return url;
  throw unsafe("This is not a URL");
};

const unsafe = (detail: string) => new Problem("unsafe-url", detail);

/** What the reverse look-up is keyed by: a GSI key holds 2,048 bytes and a URL may be longer, a hash never is. */
export const hashUrl = (canonical: string): string =>
  createHash("sha256").update(canonical).digest("base64url");
