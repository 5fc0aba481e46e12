import type { Log } from "./log.schema.ts";

/** The first byte: what is packed otherwise is none of ours. */
const VERSION = 1;

// LEB128: seven bits a byte, the lowest first. Numbers go beyond 32 bits, so no bit operators.
const putNumber = (bytes: number[], value: number) => {
  let left = value;
  while (left >= 128) {
    bytes.push((left % 128) + 128);
    left = Math.floor(left / 128);
  }
  bytes.push(left);
};

/**
 * A log as bytes. An admission is the milliseconds since the one before, doubled, and odd if a number of units other than 1
 * follows: 2 bytes at one unit a second, 5 at the widest gap of the longest window; the first takes 6. Those of one millisecond
 * are one. So always below the 10 bytes an admission that the design allows.
 */
export const pack = (log: Log): Uint8Array => {
  const bytes = [VERSION];
  let [last, before] = [0, log.base];
  for (let place = log.head; place < log.end; place += 2) {
    const at = log.entries[place] ?? 0;
    const after = log.entries[place + 1] ?? 0;
    if (log.entries[place + 2] === at && place + 2 < log.end) continue;
    const units = after - before;
    if (units <= 0) continue; // given back
    putNumber(bytes, (at - last) * 2 + (units === 1 ? 0 : 1));
    if (units !== 1) putNumber(bytes, units);
    [last, before] = [at, after];
  }
  return Uint8Array.from(bytes);
};

/** The inverse of `pack`; undefined: these bytes are not ours. */
export const unpack = (bytes: Uint8Array): Log | undefined => {
  if (bytes[0] !== VERSION) return undefined;
  const entries: number[] = [];
  let place = 1;
  const number = () => {
    let value = 0;
    for (let weight = 1; weight < Number.MAX_SAFE_INTEGER; weight *= 128) {
      const byte = bytes[place++];
      if (byte === undefined) return Number.NaN;
      value += (byte % 128) * weight;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  let [at, sum] = [0, 0];
  while (place < bytes.length) {
    const head = number();
    const units = head % 2 === 1 ? number() : 1;
    at += Math.floor(head / 2);
    sum += units;
    if (!Number.isSafeInteger(at) || !Number.isSafeInteger(sum)) return undefined;
    entries.push(at, sum);
  }
  return { base: 0, entries, head: 0, end: entries.length };
};
