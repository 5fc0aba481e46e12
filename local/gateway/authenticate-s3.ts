import type { Credentials } from "../kit/credentials.ts";
import type { Authenticated } from "./authenticate.ts";
import type { AwsFault } from "./protocol.ts";
import { explain, parseDate, type Signature, type Signed, sameSignature, signText } from "./sigv4.ts";

// S3 has rules and words of its own:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, …/sigv4-query-string-auth.html

/** S3 allows a signature fifteen minutes either way. */
const SKEW_MS = 15 * 60_000;
/** No presigned request lives longer than a week. */
const MAX_EXPIRES_S = 7 * 24 * 3_600;

const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

const badQuery = (message: string): AwsFault => ({
  status: 400,
  code: "AuthorizationQueryParametersError",
  message,
});

const denied = (message: string, fields: Readonly<Record<string, string>>): AwsFault => ({
  status: 403,
  code: "AccessDenied",
  message,
  fields,
});

const checkHeaderTime = (signature: Signature, signedAt: number, now: number): AwsFault | undefined => {
  if (Math.abs(signedAt - now) <= SKEW_MS) return undefined;
  return {
    status: 403,
    code: "RequestTimeTooSkewed",
    message: "The difference between the request time and the current time is too large.",
    fields: {
      RequestTime: signature.date,
      ServerTime: iso(now),
      MaxAllowedSkewMilliseconds: String(SKEW_MS),
    },
  };
};

const checkExpiry = (expires: number, signedAt: number, now: number): AwsFault | undefined => {
  if (!Number.isInteger(expires)) return badQuery("X-Amz-Expires should be a number");
  if (expires < 0) return badQuery("X-Amz-Expires must be non-negative");
  if (expires > MAX_EXPIRES_S) {
    return badQuery(
      "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
    );
  }
  if (signedAt > now + SKEW_MS) return denied("Request is not valid yet", { ServerTime: iso(now) });
  const end = signedAt + expires * 1_000;
  if (now <= end) return undefined;
  return denied("Request has expired", {
    "X-Amz-Expires": String(expires),
    Expires: iso(end),
    ServerTime: iso(now),
  });
};

const checkTime = (signature: Signature, now: number): AwsFault | undefined => {
  const { date, day, expires } = signature;
  const signedAt = parseDate(date);
  const presigned = expires !== undefined;
  if (Number.isNaN(signedAt)) {
    if (presigned) return badQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
    return denied("AWS authentication requires a valid Date or x-amz-date header", {});
  }
  if (!date.startsWith(day)) {
    const message = `Invalid credential date "${day}". This date is not the same as X-Amz-Date: "${date.slice(0, 8)}".`;
    return presigned
      ? badQuery(message)
      : {
          status: 400,
          code: "AuthorizationHeaderMalformed",
          message: `The authorization header is malformed; ${message}`,
        };
  }
  return presigned ? checkExpiry(expires, signedAt, now) : checkHeaderTime(signature, signedAt, now);
};

/** Every `x-amz-` header must be signed, so that nobody adds one to a link he was given. */
const checkHeaders = ({ headers }: Signed, signature: Signature): AwsFault | undefined => {
  const missing = Object.keys(headers).filter(
    (name) =>
      name.startsWith("x-amz-") &&
      !signature.signedHeaders.includes(name) &&
      // the hash of the body goes into the signature by itself
      name !== "x-amz-content-sha256",
  );
  if (missing.length > 0) {
    return denied("There were headers present in the request which were not signed", {
      HeadersNotSigned: missing.join(", "),
    });
  }
  if (signature.expires !== undefined || headers["x-amz-content-sha256"] !== undefined) return undefined;
  return {
    status: 400,
    code: "InvalidRequest",
    message: "Missing required header for this request: x-amz-content-sha256",
  };
};

const hexBytes = (text: string) =>
  Buffer.from(text)
    .toString("hex")
    .replace(/(..)(?=.)/g, "$1 ");

const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your key and signing method.";

const mismatch = (request: Signed, signature: Signature): AwsFault => {
  const { canonical = "", toSign = "" } = explain(request, signature) ?? {};
  return {
    status: 403,
    code: "SignatureDoesNotMatch",
    message: MISMATCH,
    fields: {
      AWSAccessKeyId: signature.accessKeyId,
      StringToSign: toSign,
      SignatureProvided: signature.signature,
      StringToSignBytes: hexBytes(toSign),
      CanonicalRequest: canonical,
      CanonicalRequestBytes: hexBytes(canonical),
    },
  };
};

const badToken = (token: string | undefined): AwsFault => ({
  status: 400,
  code: "InvalidToken",
  message: "The provided token is malformed or otherwise invalid.",
  fields: { "Token-0": token ?? "" },
});

/** What S3 says of an access key it cannot use; temporary keys that are gone have expired. */
export const unknownS3Key = (accessKeyId: string, token: string | undefined): AwsFault => {
  if (accessKeyId.startsWith("ASIA") && token) {
    const message = "The provided token has expired.";
    return { status: 400, code: "ExpiredToken", message, fields: { "Token-0": token } };
  }
  return {
    status: 403,
    code: "InvalidAccessKeyId",
    message: "The AWS Access Key Id you provided does not exist in our records.",
    fields: { AWSAccessKeyId: accessKeyId },
  };
};

const malformed = (presigned: boolean): AwsFault =>
  presigned
    ? badQuery(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
      )
    : {
        status: 400,
        code: "AuthorizationHeaderMalformed",
        message:
          "The authorization header that you provided is not valid: it needs Credential, SignedHeaders and Signature, and the request a date.",
      };

/** Verifies a claimed signature as S3 does; the body's hash is taken at its word here. */
export const authenticateS3 = (
  request: Signed,
  claim: Signature | "malformed",
  credentials: Credentials,
  now: number,
): Authenticated => {
  if (claim === "malformed") return { fault: malformed(request.headers.authorization === undefined) };
  const caller = credentials.find(claim.accessKeyId);
  if (!caller) return { fault: unknownS3Key(claim.accessKeyId, claim.token) };
  if (claim.token !== caller.sessionToken) return { fault: badToken(claim.token) };
  const fault = checkTime(claim, now) ?? checkHeaders(request, claim);
  if (fault) return { fault };
  const explained = explain(request, claim);
  if (!explained || !sameSignature(claim.signature, signText(caller, claim, explained.toSign))) {
    return { fault: mismatch(request, claim) };
  }
  return { signature: claim, caller };
};
