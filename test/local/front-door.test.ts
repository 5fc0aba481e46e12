import { Agent, get } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type Harness, restApi, startHarness } from "./rest-fixture.ts";

let harness: Harness;
afterEach(() => harness.front.close());

const routes = restApi({ "GET /": { fn: "f" }, "POST /": { fn: "f" }, "GET /slow": { fn: "slow" } });
const ok = { f: () => ({ statusCode: 200, body: "ok" }) };

/** Sends raw bytes and collects what comes back until the server closes. */
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(harness.front.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });

const opened = (bytes: string): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = connect(harness.front.port, "127.0.0.1", () => socket.write(bytes, () => resolve(socket)));
    socket.on("error", () => {});
  });

describe("the front door", () => {
  test.each([
    ["garbage", "NONSENSE\r\n\r\n", "400 Bad Request"],
    ["a request without a host", "GET / HTTP/1.1\r\n\r\n", "400 Bad Request"],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
      "400 Bad Request",
    ],
    [
      "length and chunks",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "400 Bad Request",
    ],
    [
      "headers without end",
      `GET / HTTP/1.1\r\nHost: localhost\r\nx: ${"a".repeat(40_000)}\r\n\r\n`,
      "431 Request Header Fields Too Large",
    ],
    [
      "a URL over 8,192 bytes",
      `GET /?${"a".repeat(8_300)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      "414 URI Too Long",
    ],
    [
      "an upgrade nobody takes",
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      "426 Upgrade Required",
    ],
  ])("answers %s and goes on", async (_, bytes, status) => {
    harness = await startHarness(routes, ok);
    expect((await raw(bytes)).split("\r\n", 1)[0]).toBe(`HTTP/1.1 ${status}`);
    expect((await fetch(harness.front.url)).status).toBe(200);
  });

  test("takes an absolute request target and an odd escape for what they are", async () => {
    harness = await startHarness(restApi({ "GET /{name}": {} }));
    const reply = await raw(
      "GET http://localhost/%zz?%zz=%f0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    const event = JSON.parse(reply.slice(reply.indexOf("\r\n\r\n") + 4));
    expect(event).toMatchObject({ pathParameters: { name: "%zz" }, queryStringParameters: { "%zz": "%f0" } });
  });

  test("outlives clients that leave in the middle of a body or of an answer", async () => {
    harness = await startHarness(routes, { ...ok, slow: () => new Promise(() => {}) });
    const half = await opened("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf");
    half.destroy();
    const waiting = await opened("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await expect.poll(() => harness.calls.some((call) => call.fn === "slow")).toBe(true);
    waiting.destroy();
    harness.clock.advance(30_000);
    expect((await fetch(harness.front.url)).status).toBe(200);
    expect(harness.calls.filter((call) => call.fn === "f")).toHaveLength(1);
  });

  test("says nothing of its inside when something breaks", async () => {
    harness = await startHarness(routes, ok);
    harness.cloud.lambda.invoke = () => Promise.reject(new Error("stack at /secret/path.ts"));
    const reply = await fetch(harness.front.url);
    expect([reply.status, await reply.json()]).toEqual([500, { message: "Internal server error" }]);
    expect(harness.printed.join()).toContain("/secret/path.ts");
  });

  test("refuses a chunked body once it passes 10 MB", async () => {
    harness = await startHarness(routes, ok);
    const socket = await opened("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    const reply = new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
    const chunk = "a".repeat(1_000_000);
    for (let i = 0; i < 11; i++) socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    expect((await reply).split("\r\n", 1)[0]).toBe("HTTP/1.1 413 Payload Too Large");
    socket.destroy();
  });

  test("keeps a connection for the next request", async () => {
    harness = await startHarness(routes, ok);
    const request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const reply = await raw(
      `${request}${request}${request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")}`,
    );
    expect(reply.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });

  test("gives local routes to those who asked for them", async () => {
    harness = await startHarness(routes, ok, {
      extra: (request, reply) => {
        if (!request.url?.startsWith("/_local/")) return false;
        reply.end("console");
        return true;
      },
    });
    expect(await (await fetch(`${harness.front.url}/_local/map`)).text()).toBe("console");
    expect(await (await fetch(harness.front.url)).text()).toBe("ok");
  });

  test("carries a caller's trace on and starts one where there is none", async () => {
    harness = await startHarness(routes, ok);
    const root = "1-5f84c7a1-0123456789abcdef01234567";
    await fetch(harness.front.url, {
      headers: { "x-amzn-trace-id": `Root=${root};Parent=53995c3f42cd8ad8;Sampled=1` },
    });
    await fetch(harness.front.url, { headers: { "x-amzn-trace-id": "Root=<script>" } });
    const [first, second] = harness.calls.map((call) => call.options?.trace ?? "");
    expect(first).toMatch(new RegExp(`^Root=${root};Parent=[0-9a-f]{16};Sampled=1$`));
    expect(second).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/);
  });

  test("closes while connections stand open, after what is under way", async () => {
    let finish = () => {};
    harness = await startHarness(routes, {
      ...ok,
      slow: () =>
        new Promise((resolve) => {
          finish = () => resolve({ statusCode: 200, body: "late" });
        }),
    });
    await fetch(harness.front.url);
    const pending = fetch(`${harness.front.url}/slow`);
    await expect.poll(() => harness.calls.some((call) => call.fn === "slow")).toBe(true);
    const closing = harness.front.close();
    finish();
    expect(await (await pending).text()).toBe("late");
    await closing;
    await expect(fetch(harness.front.url)).rejects.toThrow();
  });

  test("answers five hundred requests at once each with its own reply, and keeps idle connections for a minute", async () => {
    harness = await startHarness(routes, {
      f: ({ queryStringParameters }) => ({ statusCode: 200, body: JSON.stringify(queryStringParameters) }),
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const ask = (n: number) =>
      new Promise<{ body: string; keepAlive: unknown }>((resolve, reject) => {
        const call = get(`${harness.front.url}/?n=${n}`, { agent }, async (reply) => {
          resolve({ body: (await reply.toArray()).join(""), keepAlive: reply.headers["keep-alive"] });
        });
        call.on("error", reject);
      });
    const numbers = Array.from({ length: 500 }, (_, n) => n);
    const replies = await Promise.all(numbers.map(ask));
    agent.destroy();
    expect(replies.map(({ body }) => body)).toEqual(numbers.map((n) => JSON.stringify({ n: String(n) })));
    // Told so, a client does not use a connection that the server is about to close: that reply would be lost.
    expect(new Set(replies.map(({ keepAlive }) => keepAlive))).toEqual(new Set(["timeout=65"]));
  });

  test("goes on when what follows an answer fails", async () => {
    harness = await startHarness(routes, ok);
    const unsubscribe = harness.cloud.recorder.subscribe(() => {
      throw new Error("a reader of spans failed");
    });
    expect(await (await fetch(harness.front.url)).text()).toBe("ok");
    await expect.poll(() => harness.printed.join()).toContain("a reader of spans failed");
    unsubscribe();
    expect(await (await fetch(harness.front.url)).text()).toBe("ok");
  });
});
