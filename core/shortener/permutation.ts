import { createHmac } from "node:crypto";

const ROUNDS = 10; // as FF1 of NIST SP 800-38G; 4 already make a pseudorandom permutation (Luby and Rackoff 1988)

/**
 * A keyed permutation of [0, size): consecutive numbers come out in an order nobody can predict or walk without the
 * key, and no two meet. A balanced Feistel network permutes the next even power of two, and values that fall outside
 * are sent round again until they fall inside (cycle walking): Black and Rogaway, "Ciphers with Arbitrary Finite
 * Domains", CT-RSA 2002, sections 3 and 4. For 62^7 in 42 bits that is 1.25 passes on average.
 */
export const createPermutation = (key: string, size: bigint): ((value: bigint) => bigint) => {
  const half = Math.ceil(size.toString(2).length / 2);
  if (half > 32) throw new RangeError("The domain is limited to 64 bits");
  const halfBits = BigInt(half);
  const mask = 2 ** half - 1;
  const round = (index: number, value: number) => {
    const block = Buffer.alloc(5);
    block.writeUInt8(index, 0);
    block.writeUInt32BE(value, 1);
    // >>> 0 keeps the masked word unsigned when half is 32.
    return (createHmac("sha256", key).update(block).digest().readUInt32BE(0) & mask) >>> 0;
  };
  const once = (value: bigint) => {
    let left = Number(value >> halfBits);
    let right = Number(value & BigInt(mask));
    for (let index = 0; index < ROUNDS; index++) {
      [left, right] = [right, (left ^ round(index, right)) >>> 0];
    }
    return (BigInt(left) << halfBits) | BigInt(right);
  };
  return (value) => {
    if (value < 0n || value >= size) throw new RangeError("The value is outside the domain");
    let image = once(value);
    while (image >= size) image = once(image);
    return image;
  };
};
