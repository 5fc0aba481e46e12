import { describe, expect, it } from "vitest";
import { slice } from "./blobs.ts";
import { checkRead, readRange } from "./conditions.ts";
import { matchesEtag } from "./writes.ts";

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const object = { etag: "abc", modified: at };
const date = (seconds: number) => new Date(at + seconds * 1_000).toUTCString();

describe("conditions of a read", () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ "if-match": '"abc"' }, undefined],
    [{ "if-match": '"x", "abc"' }, undefined],
    [{ "if-match": "abc" }, undefined],
    [{ "if-match": '"x"' }, 412],
    [{ "if-none-match": '"abc"' }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": 'W/"abc"' }, 304],
    [{ "if-modified-since": date(0) }, 304],
    [{ "if-modified-since": date(-1) }, undefined],
    [{ "if-modified-since": "nonsense" }, undefined],
    [{ "if-unmodified-since": date(0) }, undefined],
    [{ "if-unmodified-since": date(-1) }, 412],
    [{ "if-match": '"abc"', "if-unmodified-since": date(-1) }, undefined],
    [{ "if-none-match": '"x"', "if-modified-since": date(1) }, undefined],
    [{ "if-match": '"x"', "if-none-match": '"abc"' }, 412],
  ])("%j come to %s", (headers, status) => {
    expect(checkRead(headers, object)?.status).toBe(status);
  });

  it("ETags match with quotes and without", () => {
    expect(matchesEtag('"abc"', "abc")).toBe(true);
    expect(matchesEtag('"abcd"', "abc")).toBe(false);
  });
});

describe("a range", () => {
  it.each<[string | undefined, number, { start: number; end: number } | undefined]>([
    [undefined, 10, undefined],
    ["bytes=0-0", 10, { start: 0, end: 0 }],
    ["bytes=5-", 10, { start: 5, end: 9 }],
    ["bytes=-4", 10, { start: 6, end: 9 }],
    ["bytes=-40", 10, { start: 0, end: 9 }],
    ["bytes=2-1", 10, undefined],
    ["bytes=-", 10, undefined],
    ["bytes=1-2,4-5", 10, undefined],
    ["items=1-2", 10, undefined],
  ])("%s of %i bytes is %j", (header, size, range) => {
    expect(readRange(header, size)).toEqual(range);
  });

  it.each([
    ["bytes=10-", 10],
    ["bytes=-0", 10],
    ["bytes=0-", 0],
    ["bytes=-1", 0],
  ])("%s of %i bytes cannot be had", (header, size) => {
    expect(() => readRange(header, size)).toThrow("The requested range is not satisfiable");
  });

  it("lies in as many extents as it must", () => {
    const extents = [
      { blob: "a", size: 4 },
      { blob: "b", offset: 10, size: 4 },
      { blob: "c", size: 4 },
    ];
    expect(slice(extents, 0, 11)).toEqual(extents);
    expect(slice(extents, 5, 6)).toEqual([{ blob: "b", offset: 11, size: 2 }]);
    expect(slice(extents, 3, 8)).toEqual([
      { blob: "a", offset: 3, size: 1 },
      { blob: "b", offset: 10, size: 4 },
      { blob: "c", size: 1 },
    ]);
  });
});
