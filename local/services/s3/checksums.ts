import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";
import type { Algorithm } from "./types.ts";

/** A checksum being taken. */
export interface Running {
  update(chunk: Uint8Array): void;
  /** Base64; ends the run. */
  digest(): Promise<string>;
}

/** Every algorithm, in the order in which S3 names them. */
export const ALGORITHMS: readonly Algorithm[] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

/** Bytes of a checksum. */
const BYTES: Readonly<Record<Algorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** Whether a text can be a checksum of this kind: base64 of the right length. */
export const isChecksum = (algorithm: Algorithm, value: string): boolean =>
  /^[A-Za-z0-9+/]+={0,2}$/.test(value) &&
  Buffer.from(value, "base64").length === BYTES[algorithm] &&
  Buffer.from(value, "base64").toString("base64") === value;

const word = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString("base64");
};

const zlibCrc = (): Running => {
  let value = 0; // zlib's is native: 100 MB in 17 ms
  return {
    update(chunk) {
      value = crc32(chunk, value);
    },
    digest: async () => word(value),
  };
};

// In JavaScript, 100 MB in about 200 ms.
const awsCrc = (Kind: typeof Crc32c | typeof Crc64Nvme): Running => {
  const crc = new Kind();
  return {
    update: (chunk) => crc.update(chunk),
    digest: async () => Buffer.from(await crc.digest()).toString("base64"),
  };
};

const hashed = (name: "sha1" | "sha256"): Running => {
  const hash = createHash(name);
  return {
    update: (chunk) => void hash.update(chunk),
    digest: async () => hash.digest("base64"),
  };
};

/** Starts taking a checksum over bytes as they pass. */
export const startChecksum = (algorithm: Algorithm): Running => {
  switch (algorithm) {
    case "CRC32":
      return zlibCrc();
    case "CRC32C":
      return awsCrc(Crc32c);
    case "CRC64NVME":
      return awsCrc(Crc64Nvme);
    default:
      return hashed(algorithm === "SHA1" ? "sha1" : "sha256");
  }
};

/** The checksum of some bytes. */
export const checksumOf = (algorithm: Algorithm, bytes: Uint8Array): Promise<string> => {
  const running = startChecksum(algorithm);
  running.update(bytes);
  return running.digest();
};

/** The checksum of the parts' checksums: what COMPOSITE means. */
export const compositeOf = async (algorithm: Algorithm, parts: readonly string[]): Promise<string> => {
  const all = Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
  return `${await checksumOf(algorithm, all)}-${parts.length}`;
};

/** Bits and reflected polynomial of the CRCs. All start from ones and end inverted, so that they combine alike. */
const POLYNOMIAL = {
  CRC32: [32n, 0xedb88320n],
  CRC32C: [32n, 0x82f63b78n],
  CRC64NVME: [64n, 0x9a6c9329ac4bc9b5n],
} as const;

/** Those whose parts combine to the checksum of the whole. */
export type CombinableAlgorithm = keyof typeof POLYNOMIAL;

/** Whether the checksums of parts combine to the checksum of the whole object. */
export const combines = (algorithm: Algorithm): algorithm is CombinableAlgorithm => algorithm in POLYNOMIAL;

// zlib's crc32_combine for any polynomial: crc(AB) = crc(A)·x^(8·|B|) mod P, plus crc(B).
const multiply = (a: bigint, b: bigint, [bits, polynomial]: readonly [bigint, bigint]) => {
  let product = 0n;
  let factor = b;
  for (let mask = 1n << (bits - 1n); mask > 0n; mask >>= 1n) {
    if ((a & mask) !== 0n) product ^= factor;
    factor = (factor & 1n) === 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
};

const shiftBy = (bytes: number, field: readonly [bigint, bigint]) => {
  let [power, result] = [1n << (field[0] - 2n), 1n << (field[0] - 1n)]; // x¹ and x⁰: the highest bit is the lowest power
  for (let left = BigInt(bytes) * 8n; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = multiply(power, result, field);
    power = multiply(power, power, field);
  }
  return result;
};

const toNumber = (value: string) => BigInt(`0x${Buffer.from(value, "base64").toString("hex")}`);

/** The checksum of the whole object out of its parts' checksums and sizes. */
export const combineChecksums = (
  algorithm: CombinableAlgorithm,
  parts: readonly { readonly value: string; readonly size: number }[],
): string => {
  const field = POLYNOMIAL[algorithm];
  const shifts = new Map<number, bigint>(); // parts have one size, but for the last
  const whole = parts.reduce((before, { value, size }) => {
    const shift = shifts.get(size) ?? shiftBy(size, field);
    shifts.set(size, shift);
    return multiply(shift, before, field) ^ toNumber(value);
  }, 0n);
  return Buffer.from(whole.toString(16).padStart(BYTES[algorithm] * 2, "0"), "hex").toString("base64");
};
