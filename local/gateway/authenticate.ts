import type { Caller, Credentials } from "../kit/credentials.ts";
import type { AwsFault, Protocol } from "./protocol.ts";
import { parseDate, type Signature, type Signed, signatureMatches } from "./sigv4.ts";

/** AWS allows a signature five minutes either way. */
const SKEW_MS = 5 * 60_000;
/** No presigned request lives longer than a week. */
const MAX_EXPIRES_S = 7 * 24 * 3_600;

/** The same refusal has a different name in each protocol family: JSON, query, and S3's. */
const NAMES = {
  mismatch: ["InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"],
  unknownKey: ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"],
  badToken: ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidToken"],
  expiredToken: ["ExpiredTokenException", "ExpiredToken", "ExpiredToken"],
  missing: ["MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"],
  malformed: ["IncompleteSignatureException", "IncompleteSignature", "AuthorizationHeaderMalformed"],
  skewed: ["InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"],
  expired: ["InvalidSignatureException", "SignatureDoesNotMatch", "AccessDenied"],
} as const;

const refuse = (protocol: Protocol, why: keyof typeof NAMES, message: string): AwsFault => ({
  // JSON services answer 400, the older families 403
  status: protocol.startsWith("json") || protocol === "cbor" ? 400 : 403,
  code: NAMES[why][protocol === "query" ? 1 : protocol === "rest-xml" ? 2 : 0],
  message,
});

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

const stamp = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");

const checkTime = (protocol: Protocol, signature: Signature, now: number): AwsFault | undefined => {
  const signedAt = parseDate(signature.date);
  if (!signature.date.startsWith(signature.day) || Number.isNaN(signedAt)) {
    return refuse(protocol, "malformed", "Date in Credential scope does not match X-Amz-Date.");
  }
  if (signedAt > now + SKEW_MS) {
    const limit = `${stamp(now + SKEW_MS)} (${stamp(now)} + 5 min.)`;
    return refuse(
      protocol,
      "skewed",
      `Signature not yet current: ${signature.date} is still later than ${limit}`,
    );
  }
  if (signature.expires === undefined) {
    if (signedAt >= now - SKEW_MS) return undefined;
    const limit = `${stamp(now - SKEW_MS)} (${stamp(now)} - 5 min.)`;
    return refuse(protocol, "skewed", `Signature expired: ${signature.date} is now earlier than ${limit}`);
  }
  if (!(signature.expires >= 1 && signature.expires <= MAX_EXPIRES_S)) {
    return refuse(protocol, "malformed", "X-Amz-Expires must be between 1 and 604800 seconds");
  }
  return now > signedAt + signature.expires * 1_000
    ? refuse(protocol, "expired", "Request has expired")
    : undefined;
};

const unknownKey = (protocol: Protocol, { accessKeyId, token }: Signature) =>
  // temporary keys leave the registry when their environment ends: to the caller they have expired
  accessKeyId.startsWith("ASIA") && token
    ? refuse(protocol, "expiredToken", "The security token included in the request is expired")
    : refuse(protocol, "unknownKey", "The security token included in the request is invalid.");

/** Who signed, or why AWS would refuse. Both undefined when the request claims no signer. */
export interface Authenticated {
  readonly signature?: Signature;
  readonly caller?: Caller;
  readonly fault?: AwsFault;
}

/** Verifies a claimed signature: key known, token its own, time within bounds, nothing altered. */
export const authenticate = (
  request: Signed,
  claim: Signature | "malformed",
  protocol: Protocol,
  credentials: Credentials,
  now: number,
): Authenticated => {
  if (claim === "malformed") {
    const message =
      "Authorization header requires 'Credential', 'Signature', 'SignedHeaders' and 'X-Amz-Date'.";
    return { fault: refuse(protocol, "malformed", message) };
  }
  const caller = credentials.find(claim.accessKeyId);
  if (!caller) return { fault: unknownKey(protocol, claim) };
  if (claim.token !== caller.sessionToken) {
    return { fault: refuse(protocol, "badToken", "The security token included in the request is invalid.") };
  }
  const fault = checkTime(protocol, claim, now);
  if (fault) return { fault };
  if (!signatureMatches(request, claim, caller)) return { fault: refuse(protocol, "mismatch", MISMATCH) };
  return { signature: claim, caller };
};

/** For a call nobody signed and AWS would not take unsigned. */
export const missingSignature = (protocol: Protocol): AwsFault =>
  refuse(protocol, "missing", "Missing Authentication Token");
