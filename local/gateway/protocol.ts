import { randomUUID } from "node:crypto";
import type { AwsResponse } from "../kit/cloud.ts";
import { isForm } from "../kit/query.ts";

/** How a caller speaks, and so how it must be answered. */
export type Protocol = "json-1.0" | "json-1.1" | "query" | "rest-json" | "rest-xml" | "cbor";

/** An error an AWS service would answer. */
export interface AwsFault {
  readonly status: number;
  /** `ThrottlingException`, `AccessDenied`, … */
  readonly code: string;
  readonly message: string;
  /** Further elements of an XML error document, by name. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the span of the call. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What the request line and headers alone tell of a call. */
export interface Spoken {
  readonly protocol: Protocol;
  /** `GetItem`; for REST services `GET /path`. */
  readonly operation: string;
  /** `DynamoDB_20120810`: JSON and CBOR protocols only. */
  readonly target?: string;
}

interface Wire {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const REST_XML = new Set(["s3", "s3express", "cloudfront", "route53"]);
const RPC_V2 = /^\/service\/([^/]+)\/operation\/([^/]+)$/;

/** Services that know an operation by method and path alone: what other protocols would read says nothing to them. */
const BY_PATH = new Set(["lambda", "scheduler", "xray", "execute-api"]);

/**
 * Finds protocol and operation, once for all: permissions ask for the operation found here, so every service must find the same.
 * Of several protocols spoken at once the order is: path of REST services, target, CBOR's path, the first action of a form.
 */
export const readProtocol = ({ method, path, query, headers, body }: Wire, service: string): Spoken => {
  // an object may be of any type, a form's too: S3 speaks one protocol, whatever the headers say
  if (service === "s3") return { protocol: "rest-xml", operation: `${method} ${path}` };
  if (BY_PATH.has(service) || (service === "ses" && path.startsWith("/v2/")))
    return { protocol: "rest-json", operation: `${method} ${path}` };
  const target = headers["x-amz-target"];
  if (target) {
    const at = target.lastIndexOf(".");
    const protocol = (headers["content-type"] ?? "").includes("json-1.0") ? "json-1.0" : "json-1.1";
    return { protocol, operation: target.slice(at + 1), target: target.slice(0, Math.max(0, at)) };
  }
  const rpc = headers["smithy-protocol"] === "rpc-v2-cbor" && RPC_V2.exec(path);
  if (rpc) return { protocol: "cbor", target: rpc[1] ?? "", operation: rpc[2] ?? "" };
  const form = isForm(headers) ? body.toString("utf8") : "";
  const action = new URLSearchParams(form).get("Action") ?? query.get("Action");
  if (action) return { protocol: "query", operation: action };
  return { protocol: REST_XML.has(service) ? "rest-xml" : "rest-json", operation: `${method} ${path}` };
};

const XML: Record<string, string> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&apos;" };

/** Text as XML content or attribute value. */
export const escapeXml = (text: string): string => text.replace(/[<>&"']/g, (c) => XML[c] ?? c);

/** Flat XML elements. */
const elements = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields)
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join("");

/** CBOR text: the two text fields of an error are all that is ever written. */
const cborText = (text: string) => {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(3);
  head.writeUInt8(0x79, 0);
  head.writeUInt16BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};

const cborError = (code: string, message: string) =>
  Buffer.concat([Buffer.from([0xa2]), ...["__type", code, "message", message].map(cborText)]);

/** Writes `fault` as the caller's SDK expects to read it. */
export const faultResponse = (
  protocol: Protocol,
  { status, code, message, fields = {} }: AwsFault,
  requestId: string = randomUUID(),
): AwsResponse => {
  const error = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  switch (protocol) {
    case "query":
      return {
        status,
        headers: { "content-type": "text/xml" },
        body: `<ErrorResponse><Error><Type>${status < 500 ? "Sender" : "Receiver"}</Type>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      };
    case "rest-xml":
      return {
        status,
        headers: { "content-type": "application/xml", "x-amz-request-id": requestId },
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${error}${elements(fields)}<RequestId>${requestId}</RequestId></Error>`,
      };
    case "cbor":
      return {
        status,
        headers: { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" },
        body: cborError(code, message),
      };
    case "rest-json":
      return {
        status,
        headers: { "content-type": "application/json", "x-amzn-errortype": code },
        body: JSON.stringify({ message }),
      };
    default:
      return {
        status,
        headers: { "content-type": `application/x-amz-${protocol}` },
        body: JSON.stringify({ __type: code, message }),
      };
  }
};
