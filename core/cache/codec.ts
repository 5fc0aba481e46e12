import { DefaultDeserializer, DefaultSerializer } from "node:v8";
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { Problem } from "#core/kit/problem.ts";

/**
 * A body: `t f`, format, flags, CRC-32 of all that follows (little endian, begun with format and flags), payload. The payload is
 * UTF-8 of a text, or what V8's serializer makes (structured clone: Date, BigInt, Map, Set, RegExp, bytes, -0, NaN, holes,
 * undefined, cycles), either of them compressed by zstd or not. The CRC finds damage, not forgery: whoever may write to the
 * store is trusted.
 */
const HEADER = 8;
const FORMAT = 1;
const ZSTD = 1;
const TEXT = 2;

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
  const text = typeof value === "string" && value.isWellFormed();
  const plain = text ? withRoom(value) : serialize(value);
  const size = plain.byteLength - HEADER;
  if (size > maxBytes + SLACK)
    throw new Problem("value-too-large", `A value is at most ${maxBytes} bytes, and this takes ${size}`);
  const flags = text ? TEXT : 0;
  if (size <= compressAbove) return seal(plain, flags);
  const small = zstdCompressSync(plain.subarray(HEADER), FAST);
  if (small.byteLength > size * 0.9) return seal(plain, flags);
  return seal(Buffer.concat([plain.subarray(0, HEADER), small]), flags | ZSTD);
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
  if (body[2] !== FORMAT || flags > (ZSTD | TEXT)) throw poisoned("another format");
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.readUInt32LE(4) !== checksum(body, flags)) throw poisoned("damaged");
  try {
    // A few KB can be made to inflate to gigabytes. Bytes within a value are views of what it is read from: of a copy.
    const payload =
      flags & ZSTD
        ? zstdDecompressSync(bytes.subarray(HEADER), { maxOutputLength: MAX_VALUE_BYTES + SLACK })
        : bytes.subarray(HEADER);
    if (flags & TEXT) return payload.toString("utf8");
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
