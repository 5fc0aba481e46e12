/**
 * Orders keys as S3 does, by their bytes in UTF-8. JavaScript compares UTF-16 units, which differs where a character
 * beyond the basic plane (a surrogate pair, D800–DFFF) meets one of E000–FFFF.
 */
export const compareKeys = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? lift(x) - lift(y) : x - y;
  }
  return a.length - b.length;
};

const lift = (unit: number) => (unit >= 0xe000 ? unit - 0x2000 : unit + 0x2000);

const LAST = 0x10ffff;
/** Beyond every key there can be: longer than 1,024 bytes, of the last character alone. */
const END = String.fromCodePoint(LAST).repeat(300);

/** The first key there can be after all that start with `prefix`. */
export const pastPrefix = (prefix: string): string => {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST) points.pop();
  const last = points.pop();
  if (last === undefined) return END;
  const next = last + 1 === 0xd800 ? 0xe000 : last + 1; // surrogates are no characters
  return String.fromCodePoint(...points, next);
};

/** The next key there can be after this one. */
export const after = (key: string): string => `${key}\0`;
