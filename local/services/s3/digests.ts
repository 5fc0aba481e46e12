import { createHash } from "node:crypto";
import { ALGORITHMS, startChecksum } from "./checksums.ts";
import type { Algorithm } from "./types.ts";

/** Whether a text names an algorithm. */
export const isAlgorithm = (name: string): name is Algorithm =>
  (ALGORITHMS as readonly string[]).includes(name);

/** The header that carries an algorithm's value. */
export const checksumHeader = (algorithm: Algorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** The element that carries it in XML. */
export const checksumElement = (algorithm: Algorithm): string => `Checksum${algorithm}`;

/** Checksums in base64 by algorithm. */
export type Sums = Partial<Record<Algorithm, string>>;

/** MD5 and further checksums of bytes as they pass. */
export interface Digests {
  update(chunk: Buffer): void;
  /** `md5` in hex, the others in base64. */
  finish(): Promise<{ md5: string; values: Sums }>;
}

/** Digests bytes by MD5, which makes the ETag, and each of `algorithms`. */
export const createDigests = (algorithms: Iterable<Algorithm>): Digests => {
  const md5 = createHash("md5");
  const sums = [...new Set(algorithms)].map((name) => [name, startChecksum(name)] as const);
  return {
    update(chunk) {
      md5.update(chunk);
      for (const [, sum] of sums) sum.update(chunk);
    },
    async finish() {
      const values: Sums = {};
      for (const [name, sum] of sums) values[name] = await sum.digest();
      return { md5: md5.digest("hex"), values };
    },
  };
};
