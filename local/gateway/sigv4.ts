import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Caller } from "../kit/credentials.ts";

/** What a signature covers: the request as it stood on the wire. */
export interface Signed {
  readonly method: string;
  /** Path and query, undecoded. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for a body that is still to come: the stated hash is taken at its word and verified as the bytes pass. */
  readonly body?: Buffer;
}

/** The parts of an `Authorization` header, or of a presigned query. */
export interface Signature {
  readonly accessKeyId: string;
  /** `20261123/eu-central-1/dynamodb/aws4_request` */
  readonly scope: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20261123T204500Z` */
  readonly date: string;
  readonly token?: string;
  /** Seconds; presigned requests only. */
  readonly expires?: number;
}

const CREDENTIAL = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/;

const build = (parts: Record<"credential" | "headers" | "signature" | "date", string | undefined>) => {
  const scope = CREDENTIAL.exec(parts.credential ?? "");
  if (!scope || !parts.headers || !parts.signature || !parts.date) return undefined;
  const [, accessKeyId = "", day = "", region = "", service = ""] = scope;
  return {
    accessKeyId,
    scope: `${day}/${region}/${service}/aws4_request`,
    day,
    region,
    service,
    signedHeaders: parts.headers.toLowerCase().split(";"),
    signature: parts.signature,
    date: parts.date,
  };
};

const fromQuery = (query: URLSearchParams): Signature | undefined => {
  const get = (name: string) => query.get(`X-Amz-${name}`) ?? undefined;
  const parts = build({
    credential: get("Credential"),
    headers: get("SignedHeaders"),
    signature: get("Signature"),
    date: get("Date"),
  });
  const token = get("Security-Token");
  return parts && { ...parts, expires: Number(get("Expires")), ...(token ? { token } : {}) };
};

/** Reads who claims to have signed; `"malformed"` when there is a claim that cannot be read, undefined when there is none. */
export const readSignature = (
  headers: Signed["headers"],
  query: URLSearchParams,
): Signature | "malformed" | undefined => {
  const header = headers.authorization;
  if (!header) {
    if (!query.has("X-Amz-Algorithm") && !query.has("X-Amz-Signature")) return undefined;
    return (query.get("X-Amz-Algorithm") === "AWS4-HMAC-SHA256" && fromQuery(query)) || "malformed";
  }
  if (!header.startsWith("AWS4-HMAC-SHA256 ")) return "malformed";
  const field = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(header)?.[1];
  const parts = build({
    credential: field("Credential"),
    headers: field("SignedHeaders"),
    signature: field("Signature"),
    date: headers["x-amz-date"],
  });
  if (!parts) return "malformed";
  const token = headers["x-amz-security-token"];
  return { ...parts, ...(token ? { token } : {}) };
};

/** `20261123T204500Z` → epoch milliseconds; NaN when it is no such date. */
export const parseDate = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));

/** RFC 3986: what `encodeURIComponent` leaves, and SigV4 does not. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const decode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** S3 encodes every segment once, however it was sent; every other service normalises the path and encodes it once more. */
const canonicalPath = (path: string, service: string) => {
  if (service === "s3")
    return (
      path
        .split("/")
        .map((s) => encode(decode(s)))
        .join("/") || "/"
    );
  if (path === "/") return path;
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(encode(segment));
  }
  return `/${kept.join("/")}${kept.length > 0 && path.endsWith("/") ? "/" : ""}`;
};

const canonicalQuery = (query: string) => {
  if (!query) return "";
  const pairs = query.split("&").map((pair) => {
    const at = pair.indexOf("=");
    const [name, value] = at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    return [encode(decode(name)), encode(decode(value))] as const;
  });
  return pairs
    .filter(([name]) => name !== "X-Amz-Signature")
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
};

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();

/** Hash of the body as the signature covers it; undefined when the hash the caller states is not the body's. */
const payloadHash = ({ headers, body }: Signed, signature: Signature) => {
  const stated = headers["x-amz-content-sha256"];
  if (stated === undefined && signature.expires !== undefined && signature.service === "s3")
    return "UNSIGNED-PAYLOAD";
  if (stated === "UNSIGNED-PAYLOAD" || stated?.startsWith("STREAMING-")) return stated;
  if (body === undefined) return stated;
  const actual = sha256(body);
  return stated === undefined || stated === actual ? actual : undefined;
};

/** Signing keys change once a day; deriving one costs four HMACs, so the latest of each caller is kept. */
const keys = new WeakMap<Caller, { scope: string; key: Buffer }>();

const signingKey = (caller: Caller, { scope, day, region, service }: Signature) => {
  const known = keys.get(caller);
  if (known?.scope === scope) return known.key;
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${caller.secretAccessKey}`,
  ) as Buffer;
  keys.set(caller, { scope, key });
  return key;
};

/** What was signed: the request in its canonical form, and the text over its hash. */
export interface Explained {
  readonly canonical: string;
  readonly toSign: string;
}

/** The text a signature should cover; undefined when the request states a hash that is not its body's, or leaves out the host. */
export const explain = (request: Signed, signature: Signature): Explained | undefined => {
  const hash = payloadHash(request, signature);
  if (hash === undefined || !signature.signedHeaders.includes("host")) return undefined;
  const [path = "/", ...query] = request.url.split("?");
  const canonical = [
    request.method,
    canonicalPath(path, signature.service),
    canonicalQuery(query.join("?")),
    ...signature.signedHeaders.map((n) => `${n}:${(request.headers[n] ?? "").trim().replace(/\s+/g, " ")}`),
    "",
    signature.signedHeaders.join(";"),
    hash,
  ].join("\n");
  return {
    canonical,
    toSign: `AWS4-HMAC-SHA256\n${signature.date}\n${signature.scope}\n${sha256(canonical)}`,
  };
};

/** Signs any text with the key that `caller` has for the signature's day, region and service; hex. */
export const signText = (caller: Caller, signature: Signature, text: string): string =>
  hmac(signingKey(caller, signature), text).toString("hex");

/** Whether two hex signatures are one, in the same time whatever they are. */
export const sameSignature = (a: string, b: string): boolean => {
  const [given, expected] = [Buffer.from(a, "hex"), Buffer.from(b, "hex")];
  return given.length === expected.length && timingSafeEqual(given, expected);
};

/** True when `caller` made this signature over this request. */
export const signatureMatches = (request: Signed, signature: Signature, caller: Caller): boolean => {
  const toSign = explain(request, signature)?.toSign;
  return toSign !== undefined && sameSignature(signature.signature, signText(caller, signature, toSign));
};
