import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { expect, it } from "vitest";
import { createRecorder, type Span } from "../kit/recorder.ts";
import { keepAs, ViewDocument } from "../kit/view-document.ts";
import { createConsole } from "./console.ts";

const graph = {
  app: "a",
  stage: "s",
  region: "r",
  accountId: "1",
  functions: [],
  resources: [],
  outputs: {},
};

it.each(["//", "http://[", "/_local/nothing", "/_local/spans/../constructor"])(
  "a request for %s finds nothing, and ends nothing",
  async (path) => {
    const console = createConsole({ graph, recorder: createRecorder(), users: [] });
    const server = createServer((incoming, reply) => {
      if (!console.handle(incoming, reply)) reply.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const call = request({ host: "127.0.0.1", port, path, agent: false }).end();
    const [reply] = await once(call, "response");
    expect(reply.statusCode).toBe(404);
    reply.resume();
    server.closeAllConnections();
    server.close();
  },
);

it("a reader of spans that leaves is forgotten", async () => {
  const recorder = createRecorder();
  let readers = 0;
  const counted = {
    ...recorder,
    subscribe(listener: (span: Span) => void) {
      const unsubscribe = recorder.subscribe(listener);
      readers += 1;
      return () => {
        readers -= 1;
        unsubscribe();
      };
    },
  };
  const console = createConsole({ graph, recorder: counted, users: [] });
  const own = readers; // the console's own, which gathers traces
  const server = createServer((incoming, reply) => void console.handle(incoming, reply)).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const calls = Array.from({ length: 3 }, () =>
    request({ host: "127.0.0.1", port, path: "/_local/events", agent: false }).end(),
  );
  await Promise.all(calls.map((call) => once(call, "response")));
  expect(readers - own).toBe(3);
  for (const call of calls) call.destroy();
  await expect.poll(() => readers - own).toBe(0);
  server.close();
});

const part = {
  name: "things",
  views: {
    list: (query: URLSearchParams) => ({ asked: query.get("q") }),
    broken: () => {
      throw new Error("There is no such thing.");
    },
    bug: () => {
      throw new TypeError("undefined is not a function");
    },
    page: () => new ViewDocument("<script>alert(1)</script>", { "content-type": "text/html; charset=utf-8" }),
    "*": (query: URLSearchParams) => ({ member: query.get("*") }),
  },
  uploads: {
    thing: async (query: URLSearchParams, body: Readable, told: { type: string }) => {
      const chunks = await body.toArray();
      return { name: query.get("name"), bytes: Buffer.concat(chunks).length, ...told };
    },
  },
  actions: { make: (input: Readonly<Record<string, unknown>>) => ({ made: input.name }) },
};

const serve = async (run: (url: string) => Promise<void>) => {
  const console = createConsole({ graph, recorder: createRecorder(), users: [], parts: [part] });
  const server = createServer((incoming, reply) => void console.handle(incoming, reply)).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    console.stop();
  }
};

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

it("views and actions of a part answer by name, and the index names them", () =>
  serve(async (url) => {
    expect(await (await fetch(`${url}/_local/things/list?q=a%20b`)).json()).toEqual({ asked: "a b" });
    expect(await (await fetch(`${url}/_local/things/other%2Fone`)).json()).toEqual({ member: "other/one" });
    expect(await (await post(`${url}/_local/things/make`, '{"name":"x"}')).json()).toEqual({ made: "x" });
    const index = (await (await fetch(`${url}/_local/`)).json()) as { parts: { name: string }[] };
    expect(index.parts.find(({ name }) => name === "things")).toMatchObject({ actions: ["make"] });
  }));

it("what cannot be done is told in a sentence, and a bug keeps its inside to itself", () =>
  serve(async (url) => {
    const refused = await fetch(`${url}/_local/things/broken`);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(await refused.json()).toMatchObject({ status: 400, detail: "There is no such thing." });
    const bug = await fetch(`${url}/_local/things/bug`);
    expect(bug.status).toBe(500);
    expect(await bug.text()).not.toContain("undefined is not");
    expect((await fetch(`${url}/_local/nowhere/list`)).status).toBe(404);
    expect((await fetch(`${url}/_local/things/make`)).status).toBe(200); // any other member: `*`
    expect((await post(`${url}/_local/things/list`, "{}")).status).toBe(405);
  }));

it.each([
  [403, { origin: "https://evil.example" }],
  [403, { origin: "null" }],
  [403, { "sec-fetch-site": "cross-site" }],
  [403, { "sec-fetch-site": "same-site" }],
  [415, { "content-type": "text/plain" }],
  [415, { "content-type": "application/x-www-form-urlencoded" }],
])("answers %i to an action posted with %o", (status, headers) =>
  serve(async (url) => {
    expect((await post(`${url}/_local/things/make`, "{}", headers as Record<string, string>)).status).toBe(
      status,
    );
  }),
);

it("tells the stream of spans to its own pages and programs here, and to nobody else", () =>
  serve(async (url) => {
    const statusFor = async (headers: Record<string, string>) => {
      const control = new AbortController();
      const { status } = await fetch(`${url}/_local/events`, { headers, signal: control.signal });
      control.abort();
      return status;
    };
    expect(await statusFor({ "sec-fetch-site": "same-site" })).toBe(403);
    expect(await statusFor({ origin: "https://evil.example" })).toBe(403);
    expect(await statusFor({ origin: url, "sec-fetch-site": "same-origin" })).toBe(200);
    expect(await statusFor({})).toBe(200);
  }));

it("takes an action from its own pages, and no more than 1 MB, and only an object", () =>
  serve(async (url) => {
    expect((await post(`${url}/_local/things/make`, "{}", { origin: url })).status).toBe(200);
    expect((await post(`${url}/_local/things/make`, "[]")).status).toBe(400);
    expect((await post(`${url}/_local/things/make`, "{")).status).toBe(400);
    expect((await post(`${url}/_local/things/make`, JSON.stringify({ a: "x".repeat(2 ** 20) }))).status).toBe(
      413,
    );
  }));

it("serves a document sealed: it runs nothing, loads nothing, and only these pages frame it", () =>
  serve(async (url) => {
    const page = await fetch(`${url}/_local/things/page`);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toBe(
      "default-src 'none'; frame-ancestors 'self'; sandbox",
    );
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await page.text()).toContain("<script>");
  }));

it("takes bytes of any size as they come, but not from elsewhere", () =>
  serve(async (url) => {
    const put = (headers: Record<string, string>) =>
      fetch(`${url}/_local/things/thing?name=a`, {
        method: "PUT",
        body: Buffer.alloc(3 * 2 ** 20),
        headers: { "content-type": "image/png", ...headers },
      });
    expect(await (await put({ origin: url })).json()).toEqual({
      name: "a",
      bytes: 3 * 2 ** 20,
      type: "image/png",
      length: String(3 * 2 ** 20),
    });
    expect((await put({ origin: "https://evil.example" })).status).toBe(403);
    expect((await put({ "sec-fetch-site": "cross-site" })).status).toBe(403);
  }));

it("names a file for keeping, whatever its letters", () => {
  expect(keepAs('a "b"\r\nx: ü.pdf')).toBe(
    "attachment; filename=\"a _b___x_ _.pdf\"; filename*=UTF-8''a%20%22b%22%0D%0Ax%3A%20%C3%BC.pdf",
  );
});
