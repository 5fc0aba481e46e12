import { describe, expect, it } from "vitest";
import { toEvents } from "./changes.ts";

const link = (changes: object = {}) => ({
  pk: "LNK#go.test/abc",
  sk: "LINK",
  id: "lnk_1",
  domain: "go.test",
  code: "abc",
  owner: "ada",
  url: "https://example.com/",
  revision: 1,
  ...changes,
});
const types = (before: object | undefined, after: object | undefined, expired = false) =>
  toEvents({
    id: "e",
    expired,
    ...(before && { before: { ...before } }),
    ...(after && { after: { ...after } }),
  }).map(({ type, data }) => [type, (data as { id: string }).id]);

describe("a change of the table is told as", () => {
  it("link.created, link.updated, link.deleted", () => {
    expect(types(undefined, link())).toEqual([["link.created", "lnk_1"]]);
    expect(types(link(), link({ revision: 2 }))).toEqual([["link.updated", "lnk_1"]]);
    expect(types(link(), undefined)).toEqual([["link.deleted", "lnk_1"]]);
  });

  it("nothing, when a click was used up or a preview came in", () => {
    expect(types(link({ clicksLeft: 2 }), link({ clicksLeft: 1 }))).toEqual([]);
    expect(types(link(), link({ preview: { title: "x" } }))).toEqual([]);
  });

  it("an end and a beginning, when an expired code was taken by another link", () => {
    expect(types(link(), link({ id: "lnk_2" }))).toEqual([
      ["link.deleted", "lnk_1"],
      ["link.created", "lnk_2"],
    ]);
  });

  it("nothing, when it is no link", () => {
    expect(types(undefined, { pk: "CLK#lnk_1#2026-11-23#0", sk: "21#x" })).toEqual([]);
    expect(types({ pk: "CTR#codes" }, { pk: "CTR#codes" })).toEqual([]);
  });

  it("events with ids of their own that are the same on every retry", () => {
    const change = { id: "e", expired: false, before: link(), after: link({ id: "lnk_2" }) };
    const ids = toEvents(change).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(toEvents(change).map(({ id }) => id)).toEqual(ids);
  });

  it("moved, when the link leads elsewhere: it has to be looked at again", () => {
    const [moved] = toEvents({
      id: "e",
      expired: false,
      before: link(),
      after: link({ revision: 2, url: "https://x/" }),
    });
    const [stayed] = toEvents({ id: "e", expired: false, before: link(), after: link({ revision: 2 }) });
    expect([moved?.data, stayed?.data]).toMatchObject([{ moved: true }, { moved: false }]);
  });

  it("an anonymous link's, with nobody as its owner", () => {
    expect(toEvents({ id: "e", expired: true, before: link({ owner: "" }) })[0]?.data).toEqual({
      id: "lnk_1",
      domain: "go.test",
      code: "abc",
      owner: null,
      expired: true,
    });
  });
});
