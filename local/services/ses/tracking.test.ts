import { expect, it } from "vitest";
import { readTicket, ticketUrl, track } from "./tracking.ts";

const url = (ticket: object) => `T(${JSON.stringify(ticket)})`;
const both = { open: true, click: true };

it("links lead through the cloud, and what is no web link stays as it is", () => {
  const html =
    '<p><a class=x href="https://a.b/?x=1&amp;y=2">go</a> <a href="mailto:a@b.c">m</a> <a href="#top">t</a></p>';
  const text = track(html, { open: false, click: true }, (ticket) => `T?${ticket.l}`);
  expect(text).toBe(
    '<p><a class="x" href="T?https://a.b/?x=1&amp;y=2">go</a> <a href="mailto:a@b.c">m</a> <a href="#top">t</a></p>',
  );
});

it("a link may opt out, or carry tags, and neither attribute reaches the reader", () => {
  const html = '<a ses:no-track href="https://a.b/">x</a><a ses:tags="k:v;w:z;" href="https://c.d/">y</a>';
  const text = track(html, { open: false, click: true }, (ticket) => `T?${JSON.stringify(ticket.t)}`);
  expect(text).toBe(
    '<a href="https://a.b/">x</a><a href="T?{&quot;k&quot;:[&quot;v&quot;],&quot;w&quot;:[&quot;z&quot;]}">y</a>',
  );
});

it("the pixel stands at the end of the body, or where the message says", () => {
  expect(track("<body>x</body></html>", both, url)).toMatch(/^<body>x<img [^>]+><\/body><\/html>$/);
  expect(track("no body", both, url)).toMatch(/^no body<img [^>]+>$/);
  expect(track("<b>{{ses:openTracker}}</b>y", both, url)).toMatch(/^<b><img [^>]+><\/b>y$/);
  expect(track("<b>{{ses:openTracker}}</b>y", { open: false, click: false }, url)).toBe("<b></b>y");
});

it("HTML that is broken or hostile is rewritten as far as it goes", () => {
  for (const html of ["<a href='https://a.b", "<a <a href=x", "</body></body>", "<".repeat(10_000), ""])
    expect(track(html, both, url)).toContain("<img");
});

it("a ticket is honoured as it was written, and not otherwise", () => {
  const ticket = { k: "c", m: "id", l: "https://a.b/" } as const;
  const token = ticketUrl("http://x", "secret", ticket).split("/").at(-1) ?? "";
  expect(readTicket("secret", token)).toEqual(ticket);
  for (const forged of [`x${token}`, token.slice(0, -1), "", ".", `${token.split(".")[0]}.`, "%%%.###"])
    expect(readTicket("secret", forged)).toBeUndefined();
  expect(readTicket("other", token)).toBeUndefined();
});
