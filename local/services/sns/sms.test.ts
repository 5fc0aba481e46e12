import { expect, it } from "vitest";
import { isPhoneNumber, partsOf } from "./sms.ts";

it.each([
  ["a".repeat(160), 1],
  ["a".repeat(161), 2],
  ["a".repeat(306), 2],
  ["a".repeat(307), 3],
  [`${"a".repeat(159)}€`, 2],
  ["ж".repeat(70), 1],
  ["ж".repeat(71), 2],
])("a text goes out in as many parts as its alphabet needs", (text, parts) => {
  expect(partsOf(text)).toBe(parts);
});

it("a number has a country, digits and nothing else but spacing", () => {
  expect(["+15551234567", "+49 30-1234.567", "15551234567"].every(isPhoneNumber)).toBe(true);
  expect(["+1a234", "NAA+15551234567", "", "+0123", "12"].some(isPhoneNumber)).toBe(false);
});
