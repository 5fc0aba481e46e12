import { createHash, type Hash } from "node:crypto";
import { BodyFault } from "../kit/body-fault.ts";
import type { Caller } from "../kit/credentials.ts";
import { type Signature, signText } from "./sigv4.ts";

// `aws-chunked`: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …-trailers.html

/** Signs what comes after the headers of a request, each piece with the one before it. */
export type ChainSign = (kind: "PAYLOAD" | "TRAILER", previous: string, hash: string) => string;

/** What framing a body is said to have. */
export interface Framing {
  /** Bytes of the body without its framing, as the caller states. */
  readonly decodedLength: number;
  /** Verifies the chunks' signatures; undefined when they carry none. */
  readonly chain?: { readonly seed: string; readonly sign: ChainSign };
  /** Names that `x-amz-trailer` announces, in lower case; undefined when no trailer may come. */
  readonly trailers?: readonly string[];
}

/** A chunk's size line, and all lines of a trailer together, bytes: far beyond what any client sends. */
const LINE_BYTES = 1_024;
const TRAILER_BYTES = 16_384;

const incomplete = () => new BodyFault(400, "IncompleteBody", "The request body terminated unexpectedly");

const badTrailer = () =>
  new BodyFault(
    400,
    "MalformedTrailerError",
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
  );

const mismatch = () =>
  new BodyFault(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
  );

const sha256 = (data: string) => createHash("sha256").update(data).digest("hex");

/** Signs on from a request's signature: each piece of a body that comes in signed chunks, then its trailer. */
export const chainSign =
  (caller: Caller, signature: Signature): ChainSign =>
  (kind, previous, hash) => {
    const empty = kind === "PAYLOAD" ? `${sha256("")}\n` : "";
    const head = `AWS4-HMAC-SHA256-${kind}\n${signature.date}\n${signature.scope}\n${previous}`;
    return signText(caller, signature, `${head}\n${empty}${hash}`);
  };

/** Pulls lines and counted bytes out of a sequence of buffers. Holds one buffer and one unfinished line at most. */
const reader = (source: AsyncIterator<Buffer>) => {
  let held: Buffer = Buffer.alloc(0);
  const more = async () => {
    const next = await source.next();
    if (next.done) return false;
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
    return true;
  };
  return {
    async line(limit: number, fault: () => BodyFault): Promise<string> {
      for (;;) {
        const end = held.indexOf("\r\n");
        if (end > limit || (end < 0 && held.length > limit + 1)) throw fault();
        if (end >= 0) {
          const line = held.toString("latin1", 0, end);
          held = held.subarray(end + 2);
          return line;
        }
        if (!(await more())) throw fault();
      }
    },
    /** Up to `wanted` bytes, at least one. */
    async some(wanted: number): Promise<Buffer> {
      if (held.length === 0 && !(await more())) throw incomplete();
      const piece = held.subarray(0, wanted);
      held = held.subarray(piece.length);
      return piece;
    },
    async atEnd(): Promise<boolean> {
      return held.length === 0 && !(await more());
    },
  };
};

const CHUNK = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/;

interface ChunkHead {
  readonly size: number;
  readonly signature?: string;
}

const readHead = async (input: ReturnType<typeof reader>, signed: boolean): Promise<ChunkHead> => {
  const [, hex, signature] = CHUNK.exec(await input.line(LINE_BYTES, incomplete)) ?? [];
  if (hex === undefined || signed !== (signature !== undefined)) throw incomplete();
  return { size: Number.parseInt(hex, 16), ...(signature !== undefined && { signature }) };
};

const readTrailers = async (
  input: ReturnType<typeof reader>,
  { trailers, chain }: Framing,
  previous: string,
): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  let signature: string | undefined;
  let budget = TRAILER_BYTES;
  const canonical: string[] = [];
  // some clients end the body without the empty line
  while (!(await input.atEnd())) {
    const line = await input.line(budget, badTrailer);
    if (line === "" && (await input.atEnd())) break;
    budget -= line.length + 2;
    const at = line.indexOf(":");
    const [name, value] = [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    if (name === "x-amz-trailer-signature" && chain) signature = value;
    else if (at < 1 || !trailers?.includes(name) || name in found) throw badTrailer();
    else {
      found[name] = value;
      canonical.push(`${name}:${value}\n`);
    }
  }
  if (trailers?.some((name) => !(name in found))) throw badTrailer();
  if (chain && trailers && chain.sign("TRAILER", previous, sha256(canonical.join(""))) !== signature)
    throw mismatch();
  return found;
};

/** Takes the framing off a body and verifies it. What fails does so before the end, so that nothing half-read is kept. */
export async function* decodeChunks(
  source: AsyncIterator<Buffer>,
  framing: Framing,
  onTrailers: (trailers: Record<string, string>) => void,
): AsyncGenerator<Buffer, void, undefined> {
  const { chain, decodedLength } = framing;
  const input = reader(source);
  let [previous, length] = [chain?.seed ?? "", 0];
  try {
    for (;;) {
      const { size, signature } = await readHead(input, chain !== undefined);
      length += size;
      if (length > decodedLength) throw incomplete();
      const hash: Hash | undefined = chain && createHash("sha256");
      for (let left = size; left > 0; ) {
        const piece = await input.some(left);
        left -= piece.length;
        hash?.update(piece);
        yield piece;
      }
      if (chain && hash) {
        if (chain.sign("PAYLOAD", previous, hash.digest("hex")) !== signature) throw mismatch();
        previous = signature;
      }
      if (size === 0) break;
      if ((await input.line(2, incomplete)) !== "") throw incomplete();
    }
    if (length !== decodedLength) throw incomplete();
    onTrailers(await readTrailers(input, framing, previous));
  } finally {
    await source.return?.();
  }
}
