import { afterEach, expect, it } from "vitest";
import { chooseDomain, domainNamed, domainOf, hostOf, PRIMARY } from "./domains.ts";

const configure = (domains: string) => {
  process.env.SHORT_DOMAINS = domains;
};
afterEach(() => configure(""));

it("without short domains every host leads to the same links, shown under the host that was asked", () => {
  configure("");
  expect([domainOf("localhost:3000"), domainOf("127.0.0.1:3000")]).toEqual([PRIMARY, PRIMARY]);
  expect(hostOf(PRIMARY, "127.0.0.1:3000")).toBe("127.0.0.1:3000");
  expect(domainNamed("localhost:3000", "localhost:3000")).toBe(PRIMARY);
  expect(() => chooseDomain("localhost:3000", "elsewhere.test")).toThrow("not one of the short domains");
});

it("links made before there was a short domain stand on the first one afterwards", () => {
  const before = domainOf("d1.cloudfront.test");
  configure("go.test,s.test");
  expect(domainOf("go.test")).toBe(before);
  expect(domainOf("d1.cloudfront.test")).toBe(before);
  expect(hostOf(before, "d1.cloudfront.test")).toBe("go.test");
});

it("a further short domain has links of its own", () => {
  configure("go.test,s.test");
  expect(domainOf("s.test")).toBe("s.test");
  expect(domainNamed("go.test", "s.test")).toBe("s.test");
  expect(chooseDomain("go.test", "s.test")).toBe("s.test");
  expect(chooseDomain("s.test", "go.test")).toBe(PRIMARY);
});
