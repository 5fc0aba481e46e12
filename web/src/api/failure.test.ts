import { expect, it } from "vitest";
import { fieldMessages, toFailure } from "./failure.ts";

const document = (kind: string, status: number, extra: object = {}) => ({
  type: `/api/v1/problems#${kind}`,
  title: "Title",
  status,
  detail: "Detail",
  ...extra,
});

it("a problem document is read with its kind and its issues", () => {
  const issues = [{ in: "body", pointer: "/rules/0/url", message: "Give a URL" }];
  const failure = toFailure(400, document("invalid-request", 400, { issues }));
  expect(failure).toMatchObject({ kind: "invalid-request", status: 400, title: "Title", issues });
  expect(fieldMessages(failure)).toEqual({ "/rules/0/url": "Give a URL" });
});

it("a problem about one field only is told at that field", () => {
  expect(fieldMessages(toFailure(409, document("slug-taken", 409)))).toEqual({ "/custom_hash": "Detail" });
  expect(fieldMessages(toFailure(422, document("unsafe-url", 422)))).toEqual({ "/url": "Detail" });
  expect(fieldMessages(toFailure(409, document("edit-conflict", 409)))).toEqual({});
  expect(fieldMessages(undefined)).toEqual({});
});

it("what is no problem document is told by its status, not guessed at", () => {
  expect(toFailure(502, undefined)).toMatchObject({ kind: "unreadable", status: 502, issues: [] });
  expect(toFailure(500, { message: "Internal server error" }).kind).toBe("unreadable");
});
