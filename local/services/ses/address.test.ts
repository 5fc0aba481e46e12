import { expect, it } from "vitest";
import { readMailbox, splitList } from "./address.ts";

it.each([
  ["a@example.com", undefined, "a@example.com"],
  ["Karen Chan <karen@example.com>", "Karen Chan", "karen@example.com"],
  ['"Chan, \\"K\\"" <karen+x@example.com>', 'Chan, "K"', "karen+x@example.com"],
  ["=?UTF-8?B?w5ZkaW4=?= <o@example.com>", "=?UTF-8?B?w5ZkaW4=?=", "o@example.com"],
  ["<a@b.c>", undefined, "a@b.c"],
])("%s is read", (text, name, address) => {
  expect(readMailbox(text)).toEqual({ text, address, ...(name ? { name } : {}) });
});

it.each([
  ["plain", "Missing final '@domain'"],
  ["", "Empty address"],
  [5, "Empty address"],
  ["@example.com", "Missing local name"],
  ["a@", "Missing domain"],
  ["a b@example.com", "Local address contains control or whitespace"],
  ["a@exa mple.com", "Domain contains control or whitespace"],
  ["github:somebody@example.com", "Local address contains illegal character"],
  ["a@exa_mple.com", "Domain contains illegal character"],
  ["Karen, Chan <karen@example.com>", "Illegal address"],
  ["a@b.c, d@e.f", "Illegal address"],
  ["a@b.c\r\nBcc: x@y.z", "Local address contains control or whitespace"],
  ["ödin@example.com", "There are non-ASCII characters in the email address."],
  ["a@öd.com", "There are non-ASCII characters in the email address."],
  ["Ödin <o@example.com>", "There are non-ASCII characters in the email address."],
  [`${"a".repeat(65)}@example.com`, "Local address is too long"],
])("%j is refused", (text, why) => {
  expect(() => readMailbox(text)).toThrow(why);
});

it("a header's list is split at commas outside quotes", () => {
  expect(splitList('"Doe, Jane" <jane@a.b>, john@a.b ,')).toEqual(['"Doe, Jane" <jane@a.b>', "john@a.b"]);
});
