import fc from "fast-check";
import { expect, it } from "vitest";
import { listPage, type Page, startAfter } from "./listing.ts";
import { compareKeys } from "./order.ts";

const entriesOf = (keys: readonly string[]) => (from: string) =>
  keys.filter((key) => compareKeys(key, from) >= 0).map((key) => ({ key }));

/** The plain way: walk all keys, keep what is asked for. */
const expected = (keys: readonly string[], prefix: string, delimiter: string) => {
  const lines: string[] = [];
  for (const key of keys.filter((one) => one.startsWith(prefix))) {
    const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const line = at < 0 ? key : `${key.slice(0, at + delimiter.length)}…`;
    if (!lines.includes(line)) lines.push(line);
  }
  return lines;
};

const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "é", "🎉", "\u{10ffff}"), maxLength: 5 });

it("pages of any size tell what one walk over all keys tells", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        text.filter((key) => key !== ""),
        { maxLength: 30 },
      ),
      fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 2 }),
      fc.constantFrom("", "/", "a", "//"),
      fc.integer({ min: 1, max: 7 }),
      (unsorted, prefix, delimiter, limit) => {
        const keys = unsorted.sort(compareKeys);
        const query = { prefix, delimiter, limit };
        const found: string[] = [];
        for (let marker: string | undefined = ""; marker !== undefined; ) {
          if (found.length > keys.length) throw new Error(`went round in circles: ${found}`);
          const { lines, truncated }: Page<string> = listPage(
            entriesOf(keys),
            query,
            ({ key }) => [key],
            startAfter(marker, query),
          );
          found.push(...lines.map((line) => ("item" in line ? line.item : `${line.commonPrefix}…`)));
          const last = lines.at(-1);
          marker = truncated && last ? ("item" in last ? last.item : last.commonPrefix) : undefined;
        }
        expect(found).toEqual(expected(keys, prefix, delimiter));
      },
    ),
    { numRuns: 500 },
  );
});
