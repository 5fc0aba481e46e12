import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { BodyFault } from "../kit/body-fault.ts";
import { type ChainSign, decodeChunks, type Framing } from "./chunked.ts";
import type { AwsFault } from "./protocol.ts";

/** How long a client may say nothing in the middle of a body, ms: S3 gives up after about as long. */
const IDLE_MS = 30_000;

/** Reads a whole body into memory. */
export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
};

/** The bytes as they come. Asks a waiting client to go on with the first read; cuts off one that falls silent. */
async function* arriving(raw: IncomingMessage, proceed: () => void): AsyncGenerator<Buffer, void, undefined> {
  proceed();
  let waiting = true;
  const idle = setTimeout(() => {
    if (waiting) raw.destroy(new BodyFault(400, "RequestTimeout", IDLE));
  }, IDLE_MS);
  try {
    // an early return must leave the socket whole: the answer goes out by it
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
      waiting = false;
      yield chunk as Buffer;
      waiting = true;
      idle.refresh();
    }
  } finally {
    clearTimeout(idle);
  }
}

const IDLE =
  "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.";

/** Fails at the end when the bytes are not those whose hash was signed. */
async function* verified(
  source: AsyncIterable<Buffer>,
  stated: string,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash("sha256");
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  const computed = hash.digest("hex");
  if (computed === stated) return;
  throw new BodyFault(
    400,
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { ClientComputedContentSHA256: stated, S3ComputedContentSHA256: computed },
  );
}

/** What the headers say of the body to come. */
export interface BodyPlan {
  /** Undefined: plain bytes. */
  readonly framing?: Framing;
  /** Hex SHA-256 that plain bytes must have. */
  readonly hash?: string;
}

const HEX = /^[0-9a-fA-F]{64}$/;
const STREAMING = /^STREAMING-(AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?|UNSIGNED-PAYLOAD-TRAILER)$/;

const badHash = (stated: string): AwsFault => ({
  status: 400,
  code: "InvalidArgument",
  message:
    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.",
  fields: { ArgumentName: "x-amz-content-sha256", ArgumentValue: stated },
});

/** Reads from the headers how the body is framed and signed; `chain` signs on from the request's own signature. */
export const planBody = (
  headers: Readonly<Record<string, string>>,
  chain: { readonly seed: string; readonly sign: ChainSign } | undefined,
): BodyPlan | AwsFault => {
  const stated = headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD";
  if (stated === "UNSIGNED-PAYLOAD") return {};
  if (HEX.test(stated)) return { hash: stated.toLowerCase() };
  const [kind, , trailing] = STREAMING.exec(stated) ?? [];
  if (!kind) return badHash(stated);
  const length = headers["x-amz-decoded-content-length"] ?? "";
  if (!/^\d{1,15}$/.test(length)) {
    return {
      status: 411,
      code: "MissingContentLength",
      message: "You must provide the Content-Length HTTP header.",
    };
  }
  const unsigned = kind.startsWith("STREAMING-UNSIGNED");
  const names = (headers["x-amz-trailer"] ?? "").toLowerCase().split(",");
  return {
    framing: {
      decodedLength: Number(length),
      ...(chain && !unsigned && { chain }),
      ...((trailing || unsigned) && { trailers: names.map((n) => n.trim()).filter((n) => n !== "") }),
    },
  };
};

/** The body as a stream of what the caller means to store, and the trailers that follow it. */
export const openBody = (
  raw: IncomingMessage,
  { framing, hash }: BodyPlan,
  proceed: () => void,
): { stream: Readable; trailers: Promise<Readonly<Record<string, string>>> } => {
  const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, string>>>();
  const source = arriving(raw, proceed);
  const content = framing
    ? decodeChunks(source, framing, resolve)
    : hash === undefined
      ? source
      : verified(source, hash);
  const stream = Readable.from(content, { objectMode: false, highWaterMark: 256 * 1024 });
  // a stream that fails has no trailers, and says why itself
  stream.once("close", () => resolve({}));
  return { stream, trailers: promise };
};

/** The headers of a body once its framing is off: what a service may store and count by. */
export const unframed = (
  headers: Readonly<Record<string, string>>,
  { framing }: BodyPlan,
): Readonly<Record<string, string>> => {
  if (!framing) return headers;
  const { "content-encoding": coding = "", "transfer-encoding": _, ...rest } = headers;
  const kept = coding.split(",").filter((name) => name.trim().toLowerCase() !== "aws-chunked");
  return {
    ...rest,
    "content-length": String(framing.decodedLength),
    ...(kept.length > 0 && kept[0] !== "" && { "content-encoding": kept.join(",").trim() }),
  };
};
