import * as v from "valibot";
import { expect, it } from "vitest";
import { type Link, LinkPatch, NewLink } from "#core/shortener/link.schema.ts";
import { readLines } from "./bulk-form.tsx";
import { emptyDraft, newRule, toDraft, toNewLink, toPatch } from "./draft.ts";
import { nextCursor } from "./list-tools.tsx";
import { steps } from "./live-chart.tsx";

const link: Link = {
  id: "lnk_1",
  hash: "abc",
  domain: "s.example",
  short_url: "https://s.example/abc",
  url: "https://example.com/",
  redirect: 302,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  expires_at: null,
  max_clicks: 5,
  has_password: true,
  disabled: false,
  blocked: false,
  title: "A",
  tags: ["x", "y"],
  rules: [{ countries: ["DE"], url: "https://example.com/de" }],
  preview: null,
  lookalike: false,
  revision: 3,
};

it("an empty form asks for the URL alone", () => {
  expect(toNewLink({ ...emptyDraft, url: "https://example.com" })).toEqual({ url: "https://example.com" });
});

it("a full form becomes a body the API takes", () => {
  const body = toNewLink({
    ...emptyDraft,
    url: "https://example.com",
    code: "spring",
    expiry: "custom",
    seconds: "90",
    maxClicks: "3",
    password: "secret",
    title: "Spring",
    tags: "a, b ,",
    redirect: "301",
    rules: [
      { ...newRule(), countries: "de, at", devices: ["mobile"], percent: "50", url: "https://m.example" },
    ],
  });
  expect(body).toMatchObject({ expires_in: 90, max_clicks: 3, redirect: 301, tags: ["a", "b"] });
  expect(v.parse(NewLink, body).rules?.[0]?.countries).toEqual(["DE", "AT"]);
});

it("an edit keeps the expiry and the password unless told otherwise, and sends the revision it read", () => {
  const patch = toPatch(toDraft(link), link, false);
  expect(patch).toMatchObject({ revision: 3, max_clicks: 5, title: "A", tags: ["x", "y"] });
  expect(patch).not.toHaveProperty("expires_in");
  expect(patch).not.toHaveProperty("password");
  expect(v.is(LinkPatch, patch)).toBe(true);
});

it("an emptied field is taken away, and so is the password when asked", () => {
  const patch = toPatch({ ...toDraft(link), title: " ", maxClicks: "", expiry: "never" }, link, true);
  expect(patch).toMatchObject({ title: null, max_clicks: null, expires_in: null, password: null });
});

it("pasted lines are links: a URL each, a code behind it if there is one", () => {
  expect(readLines("https://a.example\n\n  https://b.example   code \n")).toEqual([
    { url: "https://a.example" },
    { url: "https://b.example", custom_hash: "code" },
  ]);
});

it("the next page's cursor is read from the Link header", () => {
  expect(nextCursor('</api/v1/links/export?cursor=a%2Bb>; rel="next"')).toBe("a+b");
  expect(nextCursor('</x?cursor=a>; rel="prev"')).toBeUndefined();
  expect(nextCursor(null)).toBeUndefined();
});

it("the live chart draws what came between two looks, never less than nothing", () => {
  const ticks = [
    { at: 1, people: 5, bots: 1 },
    { at: 2, people: 8, bots: 1 },
    { at: 3, people: 7, bots: 2 },
  ];
  expect(steps(ticks)).toEqual([
    { at: 2, people: 3, bots: 0 },
    { at: 3, people: 0, bots: 1 },
  ]);
});
