import { expect, it } from "vitest";
import { match } from "./router.tsx";

it("a pattern gives its parameters decoded, and no other path has any", () => {
  expect(match("/shortener/links/:hash", "/shortener/links/%D0%BA%D0%BE%D0%B4")).toEqual({ hash: "код" });
  expect(match("/shortener/links/:hash", "/shortener/links")).toBeUndefined();
  expect(match("/shortener/links/:hash", "/shortener/links/a/b")).toBeUndefined();
  expect(match("/map", "/map")).toEqual({});
});

it("a path that cannot be decoded is taken as it stands", () => {
  expect(match("/shortener/links/:hash", "/shortener/links/%E0%A4%A")).toEqual({ hash: "%E0%A4%A" });
});
