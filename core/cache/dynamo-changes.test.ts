import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkKey, entryKey, markKey, spelled } from "./cache.keys.ts";
import { toChanges } from "./dynamo-changes.ts";

const entry = (name: string, more: object) => {
  const k = spelled(name);
  return { ...entryKey(name), ...(k && { k }), ...more };
};

describe("records of the stream", () => {
  it.each(["set", "delete"])("tell of a %s by key and version, whatever text the key is", (o) => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 800 }), (key) => {
        expect(toChanges({ id: "1", after: entry(key, { v: 3, o }) })).toEqual([
          { id: "1", key, version: 3 },
        ]);
      }),
    );
  });

  it("tell of a bump by its mark", () => {
    expect(toChanges({ id: "1", after: { ...markKey("ns:tag"), v: 2, o: "bump" } })).toEqual([
      { id: "1", mark: "ns:tag", version: 2 },
    ]);
  });

  it("say nothing of fills, leases, chunks, removals and what is not the cache's", () => {
    const others = [
      entry("k", { v: 3, o: "fill" }),
      entry("k", { v: 3, o: "lease" }),
      entry("k", { o: "lease" }),
      { ...chunkKey("w", 1), b: new Uint8Array(3) },
      { pk: "REC#x", sk: "REC", version: 3 },
      undefined,
    ];
    for (const after of others) expect(toChanges({ id: "1", ...(after && { after }) })).toEqual([]);
  });
});

describe("keys of the table", () => {
  it("fit a partition key, and no two names share one", () => {
    const text = fc.string({ unit: "binary", minLength: 0, maxLength: 3_000 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Buffer.byteLength(entryKey(a).pk)).toBeLessThanOrEqual(2_048);
        expect(entryKey(a).pk.isWellFormed()).toBe(true);
        expect(entryKey(a).pk === entryKey(b).pk).toBe(a === b);
      }),
    );
  });
});
