import { expect, it } from "vitest";
import { idsOf } from "./ids.ts";

it("draws the same ids for the same resource, and others for any other", () => {
  expect(idsOf("urn:a").lower(10)).toBe(idsOf("urn:a").lower(10));
  expect(idsOf("urn:a").lower(10)).not.toBe(idsOf("urn:b").lower(10));
  expect(idsOf("urn:a").second().lower(10)).not.toBe(idsOf("urn:a").lower(10));
});

it("keeps to the alphabet and the length asked for", () => {
  const ids = idsOf("urn:a");
  expect(ids.lower(100)).toMatch(/^[a-z0-9]{100}$/);
  expect(ids.upper(13)).toMatch(/^[A-Z0-9]{13}$/);
  expect(ids.hex(17)).toMatch(/^[0-9a-f]{17}$/);
  expect(ids.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Buffer.from(ids.base64(32), "base64")).toHaveLength(32);
});
