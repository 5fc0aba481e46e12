/** Spreads a text over 64 bits, as two numbers of 32 (cyrb53's mixing: public domain, by bryc). */
const spread = (text: string): readonly [number, number] => {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [a >>> 0, b >>> 0];
};

/** What one occurrence of one rule draws: always the same for the same name. */
export type Draw = (name: string) => number;

/**
 * Random numbers in [0, 1) for the n-th occurrence of a rule. Each is computed from its names alone, with no state: rules, and
 * the occurrences of one rule, take no numbers from one another, in whatever order calls arrive.
 */
export const drawOf =
  (seed: string, rule: string, occurrence: number): Draw =>
  (name) => {
    const [high, low] = spread(`${seed}\0${rule}\0${occurrence}\0${name}`);
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
  };
