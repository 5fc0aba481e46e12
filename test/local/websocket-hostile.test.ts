import { connect as open, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "./gateway-fixture.ts";
import { connect } from "./websocket-client.ts";
import {
  API,
  type Functions,
  type Routes,
  type Sockets,
  socketApi,
  startSockets,
} from "./websocket-harness.ts";

let desk: Sockets;
const sockets: Socket[] = [];
const routes: Routes = { $connect: { fn: "greet" }, $disconnect: { fn: "leave" }, $default: { two: true } };
const start = async (functions: Functions = {}) => {
  desk = await startSockets(socketApi(routes), { greet: () => ({ statusCode: 200 }), ...functions });
};
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await desk?.stop();
});

/** A handshake by hand; resolves with the answer's head, and the socket as it stands. */
const handshake = async (headers: Record<string, string> = {}, path = `/_aws/execute-api/${API}/live`) => {
  const socket = open(desk.port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  const all = {
    Host: "127.0.0.1",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  let head = "";
  socket.on("data", (bytes) => {
    if (head.length < 10_000) head += bytes.toString("latin1");
  });
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  await until(() => head.includes("\r\n\r\n") || socket.destroyed);
  return { socket, status: Number(head.split(" ")[1]) };
};

/** A client's frame, masked by zeros. */
const frame = (opcode: number, payload: Buffer, fin = true) => {
  const long = payload.length > 125;
  const head = [(fin ? 0x80 : 0) | opcode, 0x80 | (long ? 126 : payload.length)];
  const size = long ? [payload.length >> 8, payload.length & 0xff] : [];
  return Buffer.concat([Buffer.from([...head, ...size, 0, 0, 0, 0]), payload]);
};

describe("A hostile client", () => {
  it.each([
    ["a list of subprotocols that is none", { "Sec-WebSocket-Protocol": "a,,b" }],
    ["a subprotocol named twice", { "Sec-WebSocket-Protocol": "a, a" }],
    ["a subprotocol of strange letters", { "Sec-WebSocket-Protocol": "a b(c)" }],
  ])("with %s is refused before $connect hears of it", async (_, headers) => {
    await start();
    expect((await handshake(headers)).status).toBe(400);
    expect(desk.events("greet")).toEqual([]);
    expect(desk.sockets.views?.connections?.(new URLSearchParams())).toMatchObject({ total: 0 });
  });

  it("that pings and never reads is cut off, and fills no memory", async () => {
    await start();
    const { socket } = await handshake();
    socket.pause();
    const ping = frame(9, Buffer.alloc(125));
    const burst = Buffer.concat(Array.from({ length: 2_000 }, () => ping));
    let sent = 0;
    const flood = () => {
      while (!socket.destroyed && sent < 400 && socket.write(burst)) sent += 1;
      sent += 1;
      if (!socket.destroyed && sent < 400) socket.once("drain", flood);
    };
    flood();
    await until(() => desk.events("leave").length === 1, 20_000);
    expect(sent).toBeLessThan(400);
  }, 30_000);

  it("with frames of every kind of damage ends only its own connection", async () => {
    await start();
    const other = await connect(desk.url);
    const damage: [string, Buffer][] = [
      ["a reserved opcode", frame(3, Buffer.from("x"))],
      ["a continuation of nothing", frame(0, Buffer.from("x"))],
      ["a fragmented ping", frame(9, Buffer.from("x"), false)],
      ["no mask", Buffer.from([0x81, 1, 65])],
      ["a reserved bit", Buffer.from([0xc1, 0x81, 0, 0, 0, 0, 65])],
      ["a length of 2^63", Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
      ["a close of one byte", frame(8, Buffer.from([3]))],
      ["a close code that is none", frame(8, Buffer.from([0, 1]))],
      ["a reason that is no text", frame(8, Buffer.from([3, 0xe8, 0xff, 0xfe]))],
      ["text that is none", frame(1, Buffer.from([0xff, 0xfe]))],
    ];
    for (const [index, [, bytes]] of damage.entries()) {
      const { socket, status } = await handshake();
      expect(status).toBe(101);
      socket.write(bytes);
      await until(() => desk.events("leave").length === index + 1, 10_000);
    }
    other.say("still here");
    expect(await other.next()).toBe("still here");
    expect(desk.printed.filter((line) => line.startsWith("✗"))).toEqual([]);
  });

  it("that says nonsense in JSON only reaches $default", async () => {
    await start();
    const client = await connect(desk.url);
    const said = [
      '{"action":"$connect"}',
      '{"action":"$disconnect"}',
      '{"action":"__proto__"}',
      '{"action":{"toString":"x"}}',
      '{"__proto__":{"action":"$default"}}',
      "[".repeat(30_000),
      "\0",
      "\u2028 \ud83d\ude00",
    ];
    for (const text of said) client.say(text);
    for (const text of said) expect(await client.next()).toBe(text);
    expect(new Set(desk.events("echo").map(({ requestContext }) => requestContext.routeKey))).toEqual(
      new Set(["$default"]),
    );
  });

  it("of another page is let in as on AWS, which asks no origin: the event tells it", async () => {
    await start();
    const client = await connect(desk.url, { origin: "https://elsewhere.example" });
    client.say("x");
    await client.next();
    expect(desk.events("greet")[0]?.headers?.Origin).toBe("https://elsewhere.example");
    // But by no name that another page could point at this machine.
    expect((await handshake({ Host: "rebound.example" })).status).toBe(426);
  });
});

describe("A thousand connections, some at once, some after others", () => {
  it("leave neither connections nor timers behind, and days may pass", async () => {
    await start();
    const before = desk.seen.length;
    for (let round = 0; round < 50; round++) {
      const clients = await Promise.all(Array.from({ length: 20 }, () => connect(desk.url)));
      for (const { socket } of clients) socket.close();
      await Promise.all(clients.map(({ closed }) => closed));
    }
    await until(() => desk.events("leave").length === 1_000, 20_000);
    expect(desk.seen.length - before).toBe(2_000);
    expect(desk.sockets.views?.connections?.(new URLSearchParams())).toMatchObject({ total: 0 });
    const kept = await connect(desk.url);
    desk.clock.advance(90 * 86_400_000);
    expect((await kept.closed).code).toBe(1001);
    await until(() => desk.events("leave").length === 1_001);
  }, 60_000);
});
