import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import * as v from "valibot";
import { afterEach, expect, it, vi } from "vitest";
import { defineApi } from "#core/kit/api.schema.ts";
import { addressOf, send } from "./send.ts";

const { read } = defineApi({
  read: {
    method: "POST",
    path: "/things/{id}",
    handler: "test/read",
    summary: "A thing.",
    auth: "optional",
    limit: "read",
    params: v.object({ id: v.string() }),
    query: v.object({ page: v.optional(v.string()) }),
    body: v.object({ n: v.number() }),
    replies: { 200: v.object({ name: v.string() }) },
  },
});

const closers: (() => void)[] = [];
afterEach(() => {
  vi.unstubAllGlobals();
  for (const close of closers.splice(0)) close();
});

/** A real server; relative addresses lead to it, as they do in a page it served. */
const serve = async (listener: RequestListener) => {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  closers.push(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const real = globalThis.fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => real(new URL(url, origin), init));
};

it("path and query are filled in and escaped, what is undefined is left out", () => {
  expect(addressOf("/a/{id}/b", { id: "x/y ü" }, { page: "2", none: undefined })).toBe(
    "/a/x%2Fy%20%C3%BC/b?page=2",
  );
});

it("an answer that keeps the operation's word is given as data", async () => {
  await serve((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name: `${request.url} ${request.headers.authorization}`, more: 1 }));
  });
  const outcome = await send(read, { params: { id: "a b" }, body: { n: 1 } }, "token");
  expect(outcome).toMatchObject({ ok: true, status: 200, data: { name: "/things/a%20b Bearer token" } });
});

it("an answer that breaks the operation's word is a failure, and says where", async () => {
  await serve((_, response) => response.end(JSON.stringify({ name: 5 })));
  const outcome = await send(read, { params: { id: "1" }, body: { n: 1 } });
  expect(outcome).toMatchObject({ ok: false, failure: { kind: "unreadable" } });
  expect(outcome.ok ? "" : outcome.failure.detail).toContain("name");
});

it("no answer at all is a failure, and so is a request that was stopped", async () => {
  await serve((request) => request.socket.destroy());
  const outcome = await send(read, { params: { id: "1" }, body: { n: 1 } });
  expect(outcome).toMatchObject({ ok: false, failure: { kind: "offline" } });
  const signal = AbortSignal.abort();
  const stopped = await send(read, { params: { id: "1" }, body: { n: 1 }, signal });
  expect(stopped).toMatchObject({ ok: false, failure: { kind: "aborted" } });
});
