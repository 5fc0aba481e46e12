import { crc32, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_VALUE_BYTES as STATED } from "./api.schema.ts";
import { decode, encode, MAX_VALUE_BYTES, PoisonedEntry } from "./codec.ts";
import { hold, holdBody, open } from "./value.ts";

const cyclic: { name: string; self?: unknown } = { name: "c" };
cyclic.self = cyclic;
const sparse = [1, 2, 3];
delete sparse[1];

const kept: unknown[] = [
  ...[undefined, null, true, false, 0, -0, Number.NaN, Number.NEGATIVE_INFINITY, 1.5, 2n ** 80n],
  ...["", "text", "\ud800 half", "🔑".repeat(2_000), new Date(0), new Date(Number.NaN), /a+/gi],
  ...[[], [undefined, null], sparse, {}, { a: undefined, b: null }, { deep: { deeper: [{ x: -0 }] } }],
  ...[new Map<unknown, unknown>([[{ a: 1 }, new Set([1])]]), new Set(["a", Number.NaN])],
  ...[Buffer.from("bytes"), new Uint8Array([1, 2, 3]), new Float64Array([1.5]), new Uint8Array(8).buffer],
  ...[{ date: new Date(1), buffer: Buffer.alloc(3_000, "ab"), list: [1n] }, cyclic],
  JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
];

describe("the codec", () => {
  it("gives back every kind of data as it was", () => {
    for (const value of kept) {
      const back = decode(encode(value));
      expect(back).toStrictEqual(value);
      expect(open(hold(value, undefined, {}))).toStrictEqual(value);
      expect(open(holdBody(encode(value)))).toStrictEqual(value);
    }
    expect(Buffer.isBuffer(decode(encode(Buffer.from("b"))))).toBe(true);
    expect(1 in (decode(encode(sparse)) as unknown[])).toBe(false);
    expect(Object.is(decode(encode(-0)), -0)).toBe(true);
  });

  it("gives back any data, held in memory or encoded", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withNullPrototype: false,
    });
    fc.assert(
      fc.property(anything, (value) => {
        // by the platform's own clone, which is what is promised
        const expected = structuredClone(value);
        expect(decode(encode(value))).toStrictEqual(expected);
        expect(open(hold(value, undefined, {}))).toStrictEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("refuses what is no data, and what is too large, to the byte", () => {
    for (const value of [() => 1, Symbol("s"), { a: () => 1 }, new WeakMap(), Promise.resolve()])
      expect(() => encode(value)).toThrow(expect.objectContaining({ kind: "invalid-request" }));
    expect(decode(encode("x".repeat(MAX_VALUE_BYTES)))).toHaveLength(MAX_VALUE_BYTES);
    expect(() => encode("x".repeat(MAX_VALUE_BYTES + 65))).toThrow(
      expect.objectContaining({ kind: "value-too-large" }),
    );
    expect(MAX_VALUE_BYTES).toBe(STATED);
  });

  it("writes as JSON what JSON keeps whole, and nothing else", () => {
    const isJson = (value: unknown) => ((encode(value)[3] ?? 0) & 4) !== 0;
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    const hole = [1, 2];
    delete hole[0];
    const own = JSON.parse('{"__proto__":1}') as unknown;
    const kept = [null, true, 0, 1.5, [], {}, { a: ["ü", "\ud800", { b: -1e300 }] }];
    const lost = [
      undefined,
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      { a: undefined },
      hole,
      own,
      cyclic,
    ];
    const kinds = [new Date(0), new Map(), new Set(), /a/, new Uint8Array(1), Object(1), [new Date(0)]];
    expect(kept.map(isJson)).toEqual(kept.map(() => true));
    expect([...lost, ...kinds].filter(isJson)).toEqual([]);
    for (const value of [...kept, ...lost]) expect(decode(encode(value))).toEqual(value);
  });

  it("compresses what is large and worth it", () => {
    const text = JSON.stringify(
      Array.from({ length: 500 }, (_, id) => ({ id, url: `https://example.com/${id}` })),
    );
    expect(encode(text).byteLength).toBeLessThan(text.length / 3);
    expect(decode(encode(text))).toBe(text);
    const noise = crypto.getRandomValues(new Uint8Array(10_000));
    expect(encode(noise).byteLength).toBeLessThan(10_040);
    expect(encode("a".repeat(1_000)).byteLength).toBe(1_008);
  });

  it("finds any damage: every byte that is another, and every end that is missing", () => {
    for (const body of [encode({ a: [1, "two", new Date(3)] }), encode("plain"), encode("z".repeat(3_000))]) {
      for (let at = 0; at < body.length; at++) {
        for (const bit of [1, 0x10, 0x80])
          expect(() => decode(body.with(at, (body[at] ?? 0) ^ bit))).toThrow(PoisonedEntry);
        expect(() => decode(body.subarray(0, at))).toThrow(PoisonedEntry);
      }
    }
  });

  it("takes no bytes of others for its own, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decode(bytes)).toThrow(PoisonedEntry);
      }),
    );
  });

  it("does not inflate a bomb", () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));
    const shell = encode("z".repeat(3_000)); // compressed text
    const body = Buffer.concat([shell.subarray(0, 8), bomb]);
    // with a checksum that fits, as whoever means harm would give it
    body.writeUInt32LE(crc32(body.subarray(8), (1 << 8) | (body[3] ?? 0)), 4);
    expect(() => decode(body)).toThrow("unreadable");
  });

  it("gives each who asks for bytes their own", () => {
    const held = holdBody(encode({ bytes: Buffer.from("abc") }));
    const first = open(held) as { bytes: Buffer };
    first.bytes.fill(0);
    expect(open(held)).toEqual({ bytes: Buffer.from("abc") });
  });
});
