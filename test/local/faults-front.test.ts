import { afterEach, describe, expect, it } from "vitest";
import type { Rule } from "../../local/faults/rule.schema.ts";
import { API_ARN, API_ID, type Harness, restApi, startHarness } from "./rest-fixture.ts";
import { connect } from "./websocket-client.ts";
import { type Sockets, socketApi, startSockets } from "./websocket-harness.ts";

describe("a REST API", () => {
  let harness: Harness;
  afterEach(() => harness.front.close());
  const start = async (rule: Rule) => {
    harness = await startHarness(restApi({ "GET /books": { fn: "echo" }, "PUT /books": { fn: "echo" } }));
    harness.cloud.faults.add({ id: "r", ...rule });
  };
  const ask = (method = "GET") => fetch(`${harness.front.url}/books`, { method });
  const called = () => harness.calls.length;

  it.each<[Rule["fault"], number, string, object]>([
    [{ kind: "throttle" }, 429, "TooManyRequestsException", { message: "Too Many Requests" }],
    [{ kind: "error" }, 500, "InternalServerErrorException", { message: "Internal server error" }],
    [{ kind: "error", status: 503, code: "Busy", message: "later" }, 503, "Busy", { message: "later" }],
  ])("answers for itself: %j", async (fault, status, errorType, body) => {
    await start({ on: { service: "apigateway", target: API_ID }, fault });
    const reply = await ask();
    expect([reply.status, reply.headers.get("x-amzn-errortype"), await reply.json()]).toEqual([
      status,
      errorType,
      body,
    ]);
    expect(called()).toBe(0);
    const span = harness.cloud.recorder
      .recent()
      .find(({ kind, node }) => kind === "http" && node === API_ARN);
    expect(span?.detail.fault).toBe(`${fault.kind} (r)`);
  });

  it("is cut off before its effect, or after it", async () => {
    await start({ on: { operation: "GET /books" }, fault: { kind: "drop" } });
    harness.cloud.faults.add({ on: { operation: "PUT *" }, fault: { kind: "drop", effect: "before" } });
    await expect(ask("GET")).rejects.toThrow("fetch failed");
    expect(called()).toBe(1);
    await expect(ask("PUT")).rejects.toThrow("fetch failed");
    expect(called()).toBe(1);
  });

  it("times out after 29 seconds, its effect done", async () => {
    await start({ fault: { kind: "timeout" } });
    const reply = ask();
    await expect.poll(() => called()).toBe(1);
    let status = 0;
    void reply.then((answer) => {
      status = answer.status;
    });
    const moveOn = () => {
      harness.clock.advance(29_000);
      return status;
    };
    await expect.poll(moveOn).toBe(504);
    expect(await (await reply).json()).toEqual({ message: "Endpoint request timed out" });
  });

  it("is slow", async () => {
    await start({ on: { key: "/books" }, fault: { kind: "latency", ms: 80 } });
    const began = performance.now();
    expect((await ask()).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  });
});

describe("a WebSocket", () => {
  let desk: Sockets;
  afterEach(() => desk.stop());
  const start = async (rule: Rule) => {
    desk = await startSockets(socketApi({ $connect: {}, $disconnect: { fn: "leave" }, say: { fn: "say" } }), {
      say: () => ({ statusCode: 200 }),
    });
    desk.cloud.faults.add(rule);
    return connect(desk.url);
  };

  it.each([
    ["before", 0],
    ["after", 1],
  ] as const)("is cut %s a message took effect, and the API is told of it", async (effect, times) => {
    const client = await start({
      on: { operation: "Message" },
      when: { nth: 2 },
      fault: { kind: "drop", effect },
    });
    client.say({ action: "say", n: 1 });
    await expect.poll(() => desk.events("say").length).toBe(1);
    client.say({ action: "say", n: 2 });
    expect((await client.closed).code).toBe(1006);
    await expect.poll(() => desk.events("leave").length).toBe(1);
    expect(desk.events("say").length).toBe(1 + times);
  });
});
