import { describe, expect, it } from "vitest";
import { Problem } from "#core/kit/problem.ts";
import { hashUrl, toDestination } from "./destination.ts";

const url = (text: string) => toDestination(text, []).url;
const kind = (text: string, own: string[] = []) => {
  try {
    toDestination(text, own);
    return undefined;
  } catch (error) {
    return error instanceof Problem ? error.kind : error;
  }
};

describe("the canonical form of a URL", () => {
  it.each([
    ["HTTP://Example.COM:80/a/../b", "http://example.com/b"],
    ["https://example.com:443", "https://example.com/"],
    ["https://example.com./", "https://example.com/"],
    ["example.com/path", "https://example.com/path"],
    ["example.com:8080/path", "https://example.com:8080/path"],
    ["//example.com/path", "https://example.com/path"],
    ["localhost:3000", "https://localhost:3000/"],
    ["https://example.com/a b?q=ü", "https://example.com/a%20b?q=%C3%BC"],
    ["https://example.com/?b=2&a=1&b=1#Top", "https://example.com/?b=2&a=1&b=1#Top"],
    ["https://example.com/Case/", "https://example.com/Case/"],
    ["https://bücher.example/", "https://xn--bcher-kva.example/"],
    ["https://ＥＸＡＭＰＬＥ.com/", "https://example.com/"],
    ["http://0x7f.1/", "http://127.0.0.1/"],
    ["https://example.com\\@other.example/", "https://example.com/@other.example/"],
  ])("of %s is %s", (text, canonical) => {
    expect(url(text)).toBe(canonical);
  });

  it("is its own canonical form", () => {
    for (const text of ["https://bücher.example/ä?ö#ü", "http://example.com:8080/%7Ea"]) {
      expect(url(url(text))).toBe(url(text));
    }
  });

  it("keeps what a server may tell apart", () => {
    expect(url("https://example.com/a")).not.toBe(url("https://example.com/a/"));
    expect(url("https://example.com/?a=1&b=2")).not.toBe(url("https://example.com/?b=2&a=1"));
  });

  it("is hashed to a key of 43 characters, however long it is", () => {
    expect(hashUrl(url(`https://example.com/${"x".repeat(8_000)}`))).toHaveLength(43);
  });
});

describe("a URL is refused", () => {
  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " data:text/html,hi",
    "java\tscript:alert(1)",
    "file:///etc/passwd",
    "ftp://example.com/",
    "vbscript:x",
    "mailto:a@example.com",
    "blob:https://example.com/1",
    "https://user@example.com/",
    "https://user:secret@example.com/",
    "https://exa\u0000mple.com/",
    "https://example.com/\u202Egnp.exe",
    "https://example.com/\u200B",
    "https://example.com/a\r\nSet-Cookie: a=b",
    "https://",
    "http://[::1",
    "https://a b/",
    "not a url",
    "https://example.com:99999/",
    "https://./",
    "https://../x",
    "https://a..example/",
    "https://.example.com/",
    `https://${"a".repeat(300)}.example/`,
  ])("%j", (text) => {
    expect(kind(text.trim())).toBe("unsafe-url");
  });

  it("when percent-encoding makes it too long", () => {
    expect(kind(`https://example.com/${"漢".repeat(1_000)}`)).toBe("unsafe-url");
    expect(kind(`https://example.com/${"x".repeat(8_000)}`)).toBeUndefined();
  });

  it.each([
    "https://go.example/abc",
    "http://GO.example:443/",
    "http://go.example",
    "https://www.go.example/x",
    "https://go.example./x",
  ])("as a link to ourselves: %s", (text) => {
    expect(["self-link", undefined]).toContain(kind(text, ["go.example"]));
    expect(kind(text.replace("http://", "https://").replace(":443", ""), ["go.example"])).toBe("self-link");
  });

  it("not when another host merely ends like ours", () => {
    expect(kind("https://notgo.example/", ["go.example"])).toBeUndefined();
    expect(kind("https://go.example.org/", ["go.example"])).toBeUndefined();
  });
});

describe("a look-alike host is flagged", () => {
  const flagged = (text: string) => toDestination(text, []).lookalike;

  it.each([
    ["https://pаypal.com/", "Cyrillic а among Latin letters"],
    ["https://xn--pypal-4ve.com/", "the same in punycode"],
    ["https://аррӏе.com/", "a whole label of Cyrillic letters that look Latin"],
    ["https://gοοgle.com/", "Greek omicron"],
    ["https://日本аbc.example/", "Han, Cyrillic and Latin"],
  ])("%s: %s", (text) => {
    expect(flagged(text)).toBe(true);
  });

  it.each([
    "https://example.com/",
    "https://bücher.example/",
    "https://пример.испытание/",
    "https://москва.com/",
    "https://日本語.jp/",
    "https://サンプルabc.jp/",
    "https://한국어.kr/",
    "https://127.0.0.1/",
    "https://[::1]/",
  ])("and an honest one is not: %s", (text) => {
    expect(flagged(text)).toBe(false);
  });
});
