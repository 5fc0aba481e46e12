import { DefaultDeserializer, DefaultSerializer } from "node:v8";
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { Problem } from "#core/kit/problem.ts";

/**
 * A body: `t f`, format, flags, CRC-32 of all that follows (little endian, begun with format and flags), payload. The payload is
 * UTF-8 of a text, or of JSON where JSON keeps all of it (a tenth of the serializer's time to write, a fifth to read), or what V8's
 * serializer makes (structured clone: Date, BigInt, Map, Set, RegExp, bytes, -0, NaN, holes, undefined, cycles), each of them
 * compressed by zstd or not. The CRC finds damage, not forgery: whoever may write to the
 * store is trusted.
 */
const HEADER = 8;
const FORMAT = 1;
const ZSTD = 1;
const TEXT = 2;
const JSON_TEXT = 4;
const FLAGS = new Set([0, ZSTD, TEXT, TEXT | ZSTD, JSON_TEXT, JSON_TEXT | ZSTD]);

/** The largest value, encoded and not compressed: 4 MiB. */
export const MAX_VALUE_BYTES = 4 * 1024 * 1024;
// V8 puts a few bytes around a text that is as long as is allowed
const SLACK = 64;
/**
 * Below 1 KB nothing is saved: that is what DynamoDB bills by. Measured on lists of links as JSON: 3.4 KB become 0.6 KB in 36 µs,
 * 34 KB become 4.3 KB in 78 µs.
 */
export const COMPRESS_ABOVE = 1_024;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Bytes that are no entry of ours, or no longer. */
export class PoisonedEntry extends Error {}

/** Limits of `encode`. */
export interface EncodeOptions {
  readonly maxBytes?: number;
  readonly compressAbove?: number;
}

/** A value as bytes. Throws `value-too-large`, or `invalid-request` for what is no data: functions, symbols. */
export const encode = (value: unknown, options: EncodeOptions = {}): Uint8Array => {
  const { maxBytes = MAX_VALUE_BYTES, compressAbove = COMPRESS_ABOVE } = options;
  const { plain, flags } = payloadOf(value, maxBytes);
  const size = plain.byteLength - HEADER;
  if (size > maxBytes + SLACK)
    throw new Problem("value-too-large", `A value is at most ${maxBytes} bytes, and this takes ${size}`);
  if (size <= compressAbove) return seal(plain, flags);
  const small = zstdCompressSync(plain.subarray(HEADER), FAST);
  if (small.byteLength > size * 0.9) return seal(plain, flags);
  return seal(Buffer.concat([plain.subarray(0, HEADER), small]), flags | ZSTD);
};

const payloadOf = (value: unknown, maxBytes: number): { plain: Buffer; flags: number } => {
  if (typeof value === "string" && value.isWellFormed()) return { plain: withRoom(value), flags: TEXT };
  if (isJson(value, 0, { nodes: 0 })) {
    const plain = withRoom(JSON.stringify(value));
    // numbers and what is not Latin may be longer as JSON
    if (plain.byteLength <= maxBytes) return { plain, flags: JSON_TEXT };
  }
  return { plain: serialize(value), flags: 0 };
};

// What is deeper, or larger, or shared within itself goes by the serializer, which knows cycles.
const MAX_DEPTH = 64;
const MAX_NODES = 10_000;

/** Whether JSON keeps all of it. */
const isJson = (value: unknown, depth: number, seen: { nodes: number }): boolean => {
  if (value === null) return true;
  if (typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object" || depth > MAX_DEPTH || ++seen.nodes > MAX_NODES) return false;
  const prototype = Object.getPrototypeOf(value);
  const list = Array.isArray(value);
  if (prototype !== (list ? Array.prototype : Object.prototype)) return false;
  const keys = Object.keys(value);
  // holes, or properties besides the elements
  if (list && keys.length !== value.length) return false;
  for (const key of keys)
    if (key === "__proto__" || !isJson((value as Record<string, unknown>)[key], depth + 1, seen))
      return false;
  return true;
};

const withRoom = (text: string) => {
  const bytes = Buffer.allocUnsafe(HEADER + Buffer.byteLength(text));
  bytes.write(text, HEADER);
  return bytes;
};

const EMPTY_HEADER = new Uint8Array(HEADER);

const serialize = (value: unknown): Buffer => {
  const serializer = new DefaultSerializer();
  try {
    serializer.writeRawBytes(EMPTY_HEADER);
    serializer.writeHeader();
    serializer.writeValue(value);
  } catch (cause) {
    throw new Problem("invalid-request", `The cache keeps data only: ${reason(cause)}`, { cause });
  }
  return serializer.releaseBuffer();
};

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);

const checksum = (body: Uint8Array, flags: number) => crc32(body.subarray(HEADER), (FORMAT << 8) | flags);

const seal = (bytes: Buffer, flags: number): Uint8Array => {
  bytes[0] = 0x74;
  bytes[1] = 0x66;
  bytes[2] = FORMAT;
  bytes[3] = flags;
  bytes.writeUInt32LE(checksum(bytes, flags), 4);
  return bytes;
};

/** The value of bytes that `encode` made: a new one at each call. Throws PoisonedEntry for all others. */
export const decode = (body: Uint8Array): unknown => {
  if (body.byteLength < HEADER || body[0] !== 0x74 || body[1] !== 0x66) throw poisoned("not an entry");
  const flags = body[3] ?? 0;
  if (body[2] !== FORMAT || !FLAGS.has(flags)) throw poisoned("another format");
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.readUInt32LE(4) !== checksum(body, flags)) throw poisoned("damaged");
  try {
    // A few KB can be made to inflate to gigabytes. Bytes within a value are views of what it is read from: of a copy.
    const payload =
      flags & ZSTD
        ? zstdDecompressSync(bytes.subarray(HEADER), { maxOutputLength: MAX_VALUE_BYTES + SLACK })
        : bytes.subarray(HEADER);
    if (flags & TEXT) return payload.toString("utf8");
    if (flags & JSON_TEXT) return JSON.parse(payload.toString("utf8"));
    return deserialize(flags & ZSTD ? payload : Buffer.from(payload));
  } catch (cause) {
    throw poisoned("unreadable", cause);
  }
};

const deserialize = (payload: Buffer): unknown => {
  const deserializer = new DefaultDeserializer(payload);
  deserializer.readHeader();
  return deserializer.readValue();
};

const poisoned = (why: string, cause?: unknown) => new PoisonedEntry(why, { cause });
