import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  ALGORITHMS,
  checksumOf,
  combineChecksums,
  combines,
  compositeOf,
  isChecksum,
  startChecksum,
} from "./checksums.ts";

const CHECK = Buffer.from("123456789"); // the bytes by which catalogues of CRCs state their check value

describe("Checksums", () => {
  it.each([
    ["CRC32", "cbf43926"],
    ["CRC32C", "e3069283"],
    ["CRC64NVME", "ae8b14860a799888"],
    ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
    ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
  ] as const)("yield the catalogue's check value for %s", async (algorithm, hex) => {
    expect(Buffer.from(await checksumOf(algorithm, CHECK), "base64").toString("hex")).toBe(hex);
  });

  it.each(ALGORITHMS)("are the same however the bytes of %s come in", async (algorithm) => {
    const bytes = randomBytes(10_000);
    const running = startChecksum(algorithm);
    for (let at = 0; at < bytes.length; at += 777) running.update(bytes.subarray(at, at + 777));
    expect(await running.digest()).toBe(await checksumOf(algorithm, bytes));
  });

  it("of parts combine to that of the whole, for every CRC", async () => {
    const sizes = [5_000, 5_000, 1, 0, 777];
    const parts = sizes.map((size) => randomBytes(size));
    for (const algorithm of ALGORITHMS.filter(combines)) {
      const stated = await Promise.all(
        parts.map(async (part) => ({ size: part.length, value: await checksumOf(algorithm, part) })),
      );
      expect(combineChecksums(algorithm, stated)).toBe(await checksumOf(algorithm, Buffer.concat(parts)));
    }
  });

  it("of parts make a composite that counts them", async () => {
    const parts = [await checksumOf("SHA256", CHECK), await checksumOf("SHA256", CHECK)];
    const both = Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
    expect(await compositeOf("SHA256", parts)).toBe(`${await checksumOf("SHA256", both)}-2`);
  });

  it("are known from other texts by their length and form", () => {
    expect(isChecksum("CRC32", "y/Q5Jg==")).toBe(true);
    for (const odd of ["", "y/Q5Jg", "y/Q5JgA=", "not base64", "y/Q5J!=="]) {
      expect(isChecksum("CRC32", odd)).toBe(false);
    }
  });
});
