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

/** Past every key that starts with `prefix`, but those that go on with the very last character there is. */
export const pastPrefix = (prefix: string): string => `${prefix}\u{10ffff}`;

/** The next key there can be after this one. */
export const after = (key: string): string => `${key}\0`;
