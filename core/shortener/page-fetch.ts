import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import { type Address, RefusedAddress, resolvePublic } from "./address.ts";

/** Beginning of a page. */
export interface FetchedPage {
  /** After redirects. */
  readonly url: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** What a fetch may do. */
export interface FetchRules {
  /** CIDR ranges that are fetched from although they are not public. */
  readonly allowed: readonly string[];
  readonly ports: readonly number[];
  readonly hops: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** For pages that strangers name. */
export const strict: FetchRules = {
  allowed: [],
  ports: [80, 443],
  hops: 3,
  maxBytes: 512 * 1024,
  timeoutMs: 3_000,
};

const HTML = /^(?:text\/html|application\/xhtml\+xml)\b/i;

/**
 * The first `maxBytes` of the HTML page at `url`; undefined when there is no such page. Each hop is resolved once, judged and
 * pinned to its address; the clock runs for all hops together. Throws RefusedAddress for what must not be fetched.
 */
export const fetchPage = async (
  url: string,
  rules: FetchRules = strict,
): Promise<FetchedPage | undefined> => {
  const signal = AbortSignal.timeout(rules.timeoutMs);
  let next = new URL(url);
  for (let hop = 0; hop <= rules.hops; hop++) {
    const answer = await ask(next, rules, signal);
    const status = answer.statusCode ?? 0;
    const location = status >= 300 && status < 400 ? answer.headers.location : undefined;
    if (location === undefined) return read(answer, next, rules, signal);
    answer.destroy();
    const target = URL.parse(location, next);
    if (!target) return undefined;
    next = target;
  }
  return undefined;
};

const ask = async (url: URL, rules: FetchRules, signal: AbortSignal): Promise<IncomingMessage> => {
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || !rules.ports.includes(port)) {
    throw new RefusedAddress("Only http and https on their own ports are fetched");
  }
  const address = await within(resolvePublic(url.hostname, rules.allowed), signal);
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      lookup: pinned(address),
      agent: false, // no connection is shared: it might have been pinned to another address
      signal,
      headers: {
        accept: "text/html,application/xhtml+xml",
        "accept-encoding": "identity", // nothing to unpack, so nothing unpacks to gigabytes
        "user-agent": "tenfold-preview/1.0 (+link preview)",
      },
    });
    request.on("response", resolve).on("error", reject).end();
  });
};

// The resolver cannot be cancelled; waiting for it can.
const within = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });

const pinned =
  ({ address, family }: Address): LookupFunction =>
  (_host, options, done) =>
    options.all ? done(null, [{ address, family }]) : done(null, address, family);

const read = async (
  answer: IncomingMessage,
  url: URL,
  rules: FetchRules,
  signal: AbortSignal,
): Promise<FetchedPage | undefined> => {
  const contentType = answer.headers["content-type"] ?? "";
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (answer.statusCode !== 200 || !HTML.test(contentType) || encoding !== "identity") {
    answer.destroy();
    return undefined;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    signal.throwIfAborted();
    chunks.push(chunk);
    size += chunk.length;
    if (size >= rules.maxBytes) break; // leaving the loop closes the connection
  }
  return { url: url.href, contentType, bytes: Buffer.concat(chunks).subarray(0, rules.maxBytes) };
};
