import { expect, it } from "vitest";
import { pretty, shownOn } from "./message-data.ts";

it.each([
  [{ notification: { title: "T", body: "B" } }, { title: "T", body: "B" }],
  [{ fcmV1Message: { message: { notification: { body: "B" } } } }, { body: "B" }],
  [{ aps: { alert: "B" } }, { body: "B" }],
  [{ aps: { alert: { title: "T", body: "B" }, badge: 1 } }, { title: "T", body: "B" }],
  [{ data: { message: "B" } }, { body: "B" }],
  [{ aps: { "content-available": 1 } }, undefined],
  [{ data: { default: "silent" } }, undefined],
  [null, undefined],
])("a phone shows of %j: %j", (payload, shown) => {
  expect(shownOn(JSON.stringify(payload))).toEqual(shown);
});

it("a payload that is no JSON is shown as it stands, an empty one not at all", () => {
  expect(shownOn("plain words")).toEqual({ body: "plain words" });
  expect(shownOn("")).toBeUndefined();
});

it("JSON is laid out, words and numbers are left", () => {
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(["12", "words"].map(pretty)).toEqual(["12", "words"]);
});
