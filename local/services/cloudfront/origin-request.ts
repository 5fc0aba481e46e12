import type { Header } from "../../front/exchange.ts";
import type { Behavior } from "./distribution.ts";
import { type CachePolicy, type Choice, takes } from "./policies.ts";
import type { ViewerRequest } from "./viewer-event.ts";

// CloudFront sends these to an origin whatever the policies say.
const ALWAYS = new Set([
  "content-type",
  "content-length",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "if-range",
  "range",
]);
// It sets these itself, or never passes them on.
const OWN = new Set([
  "accept-encoding",
  "connection",
  "cookie",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
  "x-amz-cf-id",
  "x-forwarded-for",
  "x-real-ip",
]);

const pick = (text: string, separator: string, joiner: string, wanted: (name: string) => boolean): string => {
  if (text === "") return "";
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "" && wanted(part.split("=", 1)[0] ?? ""))
    .join(joiner);
};

const wants = (choices: readonly (Choice | undefined)[], name: string): boolean =>
  choices.some((choice) => choice !== undefined && takes(choice, name));

const cookieHeader = (headers: readonly Header[]): string =>
  headers
    .filter(([name]) => name.toLowerCase() === "cookie")
    .map(([, value]) => value)
    .join("; ");

/** The encodings a viewer may be sent, as CloudFront normalises them: `br,gzip`, `gzip` or none. */
export const encodingsOf = (policy: CachePolicy, accept: string | undefined): string => {
  const accepted = (accept ?? "").toLowerCase();
  const has = (name: string) =>
    new RegExp(`(^|[\\s,])${name}(\\s*;\\s*q=(?!0(\\.0*)?(\\s|,|$))[\\d.]+)?\\s*(,|$)`).test(accepted);
  const list = [policy.brotli && has("br") ? "br" : "", policy.gzip && has("gzip") ? "gzip" : ""];
  return list.filter((name) => name !== "").join(",");
};

/** What makes two requests the same to this behaviour. */
export const cacheKeyOf = (behavior: Behavior, request: ViewerRequest, encodings: string): string => {
  const { cache } = behavior;
  const query = pick(request.query, "&", "&", (name) => takes(cache.query, name));
  const cookies =
    cache.cookies.behavior === "none"
      ? ""
      : pick(cookieHeader(request.headers), ";", "; ", (name) => takes(cache.cookies, name));
  const headers =
    cache.headers.behavior === "none"
      ? ""
      : request.headers
          .map(([name, value]) => [name.toLowerCase(), value] as const)
          .filter(([name]) => name !== "cookie" && takes(cache.headers, name))
          .map(([name, value]) => `${name}:${value}`)
          .sort()
          .join("\n");
  return `${behavior.index} ${request.uri}\n${query}\n${encodings}\n${cookies}\n${headers}`;
};

/** The request an origin is sent: what the policies let through, and what CloudFront adds. */
export const originRequestOf = (
  behavior: Behavior,
  request: ViewerRequest,
  generated: ReadonlyMap<string, Header>,
  edge: { encodings: string; clientIp: string; via: string; id: string; customHeaders: readonly Header[] },
): { headers: Header[]; query: string; forwardsHost: boolean } => {
  const { cache, forward } = behavior;
  const headers: Header[] = [];
  let forwardedFor = edge.clientIp;
  for (const header of request.headers) {
    const lower = header[0].toLowerCase();
    if (lower === "x-forwarded-for") forwardedFor = `${header[1]}, ${edge.clientIp}`;
    if (OWN.has(lower)) continue;
    if (generated.has(lower)) {
      if (forward?.generated.has(lower) || takes(cache.headers, lower)) headers.push(header);
      continue;
    }
    if (ALWAYS.has(lower) || wants([cache.headers, forward?.headers], lower)) headers.push(header);
  }
  const cookies = pick(cookieHeader(request.headers), ";", "; ", (name) =>
    wants([cache.cookies, forward?.cookies], name),
  );
  if (cookies !== "") headers.push(["Cookie", cookies]);
  if (edge.encodings !== "") headers.push(["Accept-Encoding", edge.encodings]);
  if (!wants([cache.headers, forward?.headers], "user-agent"))
    headers.push(["User-Agent", "Amazon CloudFront"]);
  headers.push(
    ["X-Forwarded-For", forwardedFor],
    ["Via", edge.via],
    ["X-Amz-Cf-Id", edge.id],
    ...edge.customHeaders,
  );
  return {
    headers,
    query: pick(request.query, "&", "&", (name) => wants([cache.query, forward?.query], name)),
    forwardsHost: wants([cache.headers, forward?.headers], "host"),
  };
};
