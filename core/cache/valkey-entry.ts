import type { Draft, Stored } from "./store.ts";

// An entry is one string: a head of fixed places, so that a script changes version and lease where they are, the marks as
// JSON, the body. Numbers are doubles, big endian, as Lua packs them: ">d".
//   0 "TFC1"   4 flags   5 length of the marks, 3 bytes   8 version   16 fresh until   24 kept until   32 load, ms
//  40 lease until (0: none)   48 length of its holder, 1 byte, and the holder   120 copied until (0: not)   128 marks, body
const HEAD = 128;
const BLANK = Buffer.alloc(HEAD);
BLANK.write("TFC1");
const MAGIC = BLANK.readUInt32BE();
const LEASE = 40;
const COPIED = 120;
/** Bytes of UTF-8 that name the holder of a lease. */
export const MAX_HOLDER_BYTES = COPIED - LEASE - 9;
const HAS_BODY = 1;
const DIRTY = 2;

/** A draft as bytes, of version 0: the script that writes it knows better. */
export const encodeEntry = (draft: Draft): Buffer => {
  const marks = Object.keys(draft.marks).length === 0 ? "" : JSON.stringify(draft.marks);
  const size = Buffer.byteLength(marks);
  const bytes = Buffer.allocUnsafe(HEAD + size + (draft.body?.byteLength ?? 0));
  bytes.set(BLANK);
  bytes[4] = (draft.body === null ? 0 : HAS_BODY) | (draft.dirty ? DIRTY : 0);
  bytes.writeUIntBE(size, 5, 3);
  bytes.writeDoubleBE(draft.freshUntil, 16);
  bytes.writeDoubleBE(draft.keptUntil, 24);
  bytes.writeDoubleBE(draft.loadMs, 32);
  bytes.write(marks, HEAD);
  if (draft.body) bytes.set(draft.body, HEAD + size);
  return bytes;
};

/** The 80 bytes of a lease. */
export const encodeLease = (holder: string, until: number): Buffer => {
  const size = Buffer.byteLength(holder);
  if (size === 0 || size > MAX_HOLDER_BYTES)
    throw new RangeError(`The holder of a lease is named by 1 to ${MAX_HOLDER_BYTES} bytes`);
  const bytes = Buffer.alloc(COPIED - LEASE);
  bytes.writeDoubleBE(until);
  bytes[8] = size;
  bytes.write(holder, 9);
  return bytes;
};

const NONE: Stored["marks"] = {};
// Most entries that follow each other bear the same.
let lastMarks: { readonly text: string; readonly marks: Stored["marks"] } = { text: "{}", marks: NONE };

const marksOf = (bytes: Buffer): Stored["marks"] | undefined => {
  const size = bytes.readUIntBE(5, 3);
  if (size === 0) return NONE;
  const text = bytes.toString("utf8", HEAD, HEAD + size);
  if (text === lastMarks.text) return lastMarks.marks;
  try {
    const marks: unknown = JSON.parse(text);
    if (typeof marks !== "object" || marks === null) return undefined;
    lastMarks = { text, marks: Object.freeze(marks) as Stored["marks"] };
    return lastMarks.marks;
  } catch {
    return undefined;
  }
};

/** Bytes as entry; undefined: not ours, or damaged, so that nothing is there. */
export const decodeEntry = (bytes: Buffer | null, now: number): Stored | undefined => {
  if (bytes === null || bytes.length < HEAD || bytes.readUInt32BE() !== MAGIC) return undefined;
  const marks = marksOf(bytes);
  const start = HEAD + bytes.readUIntBE(5, 3);
  if (!marks || start > bytes.length) return undefined;
  const flags = bytes[4] ?? 0;
  const dirty = (flags & DIRTY) !== 0;
  const keptUntil = bytes.readDoubleBE(24);
  const alive = (flags & HAS_BODY) !== 0 && (dirty || keptUntil > now);
  const until = bytes.readDoubleBE(LEASE);
  const holder = () => bytes.toString("utf8", LEASE + 9, LEASE + 9 + (bytes[LEASE + 8] ?? 0));
  return {
    version: bytes.readDoubleBE(8),
    body: alive ? bytes.subarray(start) : null,
    freshUntil: bytes.readDoubleBE(16),
    keptUntil,
    marks,
    loadMs: bytes.readDoubleBE(32),
    ...(until > now && { lease: { holder: holder(), until } }),
    ...(dirty && { dirty }),
  };
};
