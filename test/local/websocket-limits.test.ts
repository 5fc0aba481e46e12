import { request } from "node:http";
import type { Socket } from "node:net";
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { afterEach, describe, expect, it } from "vitest";
import { watchFrames } from "../../local/services/websocket/frames.ts";
import { clientConfig } from "./gateway-fixture.ts";
import { type Client, connect, refused } from "./websocket-client.ts";
import {
  API,
  type Functions,
  type Routes,
  type Sockets,
  socketApi,
  startSockets,
} from "./websocket-harness.ts";

let desk: Sockets;
const routes: Routes = { $connect: { fn: "greet" }, $disconnect: { fn: "leave" }, $default: { two: true } };
const greet = () => ({ statusCode: 200 });
const start = async (functions: Functions = {}) => {
  desk = await startSockets(socketApi(routes), { greet, ...functions });
};
afterEach(() => desk?.stop());

const MINUTE = 60_000;
const manage = (path = `/_aws/execute-api/${API}/live`) =>
  new ApiGatewayManagementApiClient({
    ...clientConfig(desk),
    endpoint: desk.cloud.endpoint + path,
    systemClockOffset: desk.clock.now() - Date.now(),
  });
const idOf = async (client: Client): Promise<string> => {
  client.say("who am I");
  await client.next();
  return desk.events("echo").at(-1)?.requestContext.connectionId ?? "";
};
/** A message in frames of at most `size` bytes. */
const sayInFrames = ({ socket }: Client, text: string, size: number) => {
  for (let at = 0; at < text.length; at += size) {
    socket.send(text.slice(at, at + size), { fin: at + size >= text.length });
  }
};

describe("limits", () => {
  it("a message of 128 KB passes in frames of 32 KB, both ways", async () => {
    await start();
    const client = await connect(desk.url);
    const text = "ü".repeat(65_536);
    let tooLong = false;
    const watch = watchFrames(32_768, () => {
      tooLong = true;
    });
    const { _socket: raw } = client.socket as unknown as { _socket: Socket };
    raw.on("data", watch);
    sayInFrames(client, text, 16_384);
    expect(await client.next()).toBe(text);
    expect(tooLong).toBe(false);
  });

  it.each([
    ["a message over 128 KB", (client: Client) => sayInFrames(client, "x".repeat(131_073), 32_768), 1009],
    ["a frame over 32 KB", (client: Client) => client.say("x".repeat(32_769)), 1009],
    ["a binary frame", (client: Client) => client.socket.send(Buffer.from("x")), 1003],
    [
      "text that is no UTF-8",
      (client: Client) => client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false }),
      1007,
    ],
  ])("%s closes the connection, and no function sees it", async (_, say, code) => {
    await start();
    const client = await connect(desk.url);
    say(client);
    expect((await client.closed).code).toBe(code);
    await expect.poll(() => desk.events("leave")[0]?.requestContext.disconnectStatusCode).toBe(code);
    expect(desk.events("echo")).toEqual([]);
  });

  it("ten idle minutes end a connection; a message either way, or a ping, keeps it", async () => {
    await start();
    const client = await connect(desk.url);
    const ConnectionId = await idOf(client);
    desk.clock.advance(9 * MINUTE);
    client.say("still here");
    expect(await client.next()).toBe("still here");
    desk.clock.advance(9 * MINUTE);
    await manage().send(new PostToConnectionCommand({ ConnectionId, Data: "and you" }));
    expect(await client.next()).toBe("and you");
    desk.clock.advance(9 * MINUTE);
    const pong = new Promise((resolve) => client.socket.once("pong", resolve));
    client.socket.ping();
    await pong;
    desk.clock.advance(9 * MINUTE);
    client.say("even now");
    expect(await client.next()).toBe("even now"); // no reply is lost after idling
    desk.clock.advance(10 * MINUTE);
    expect(await client.closed).toEqual({ code: 1001, reason: "Going away" });
    await expect
      .poll(() => desk.events("leave")[0]?.requestContext)
      .toMatchObject({ disconnectStatusCode: 1001, disconnectReason: "Going away" });
  });

  it("two hours end a connection, however busy", async () => {
    await start();
    const client = await connect(desk.url);
    for (let minutes = 0; minutes < 115; minutes += 5) {
      desk.clock.advance(5 * MINUTE);
      client.say("busy");
      await client.next();
    }
    desk.clock.advance(5 * MINUTE);
    expect((await client.closed).code).toBe(1001);
  });
});

describe("the management API", () => {
  it("posts, describes and disconnects", async () => {
    await start();
    const client = await connect(desk.url, { headers: { "user-agent": "t/1" } });
    const [ConnectionId, api] = [await idOf(client), manage()];
    await api.send(new PostToConnectionCommand({ ConnectionId, Data: "ä".repeat(65_536) }));
    expect(await client.next()).toBe("ä".repeat(65_536));
    desk.clock.advance(MINUTE);
    await api.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from([0x61, 0xff]) }));
    expect(await client.next()).toBe("a\ufffd");
    const known = await api.send(new GetConnectionCommand({ ConnectionId }));
    const connectedAt = desk.events("greet")[0]?.requestContext.connectedAt;
    expect(known).toMatchObject({
      ConnectedAt: new Date(Number(connectedAt)),
      Identity: { SourceIp: "127.0.0.1", UserAgent: "t/1" },
    });
    expect(Number(known.LastActiveAt) - Number(known.ConnectedAt)).toBeGreaterThanOrEqual(MINUTE);
    await api.send(new DeleteConnectionCommand({ ConnectionId }));
    expect((await client.closed).code).toBe(1000);
    await expect.poll(() => desk.events("leave").length).toBe(1);
    const calls = desk.cloud.recorder.recent().filter((span) => span.kind === "aws");
    expect(calls.map((span) => span.name)).toEqual([
      "execute-api:PostToConnection",
      "execute-api:PostToConnection",
      "execute-api:GetConnection",
      "execute-api:DeleteConnection",
    ]);
    expect(calls[0]?.node).toMatch(
      new RegExp(`^arn:aws:execute-api:eu-central-1:\\d+:${API}/live/POST/@connections/\\*$`),
    );
  });

  it.each([
    ["an id that never was", "AAAAAAAAAAAAAAA=", 410, "GoneException"],
    ["an id that is none", "nobody", 400, "BadRequestException"],
  ])("answers %s with %s: %i %s", async (_, ConnectionId, httpStatusCode, name) => {
    await start();
    for (const command of [
      new PostToConnectionCommand({ ConnectionId, Data: "x" }),
      new GetConnectionCommand({ ConnectionId }),
      new DeleteConnectionCommand({ ConnectionId }),
    ]) {
      const answer = manage().send(command as PostToConnectionCommand);
      await expect(answer).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    }
  });

  it("refuses 128 KB and a byte, other stages, other APIs, and addresses of none", async () => {
    await start();
    const ConnectionId = await idOf(await connect(desk.url));
    const post = (path?: string, Data = "x") =>
      manage(path).send(new PostToConnectionCommand({ ConnectionId, Data }));
    await expect(post(undefined, "x".repeat(131_073))).rejects.toMatchObject({
      name: "PayloadTooLargeException",
      $metadata: { httpStatusCode: 413 },
    });
    for (const path of [`/_aws/execute-api/${API}/other`, "/_aws/execute-api/none/live", ""]) {
      await expect(post(path), path).rejects.toMatchObject({
        name: "ForbiddenException",
        $metadata: { httpStatusCode: 403 },
      });
    }
  });

  it("takes no unsigned call", async () => {
    await start();
    const id = encodeURIComponent(await idOf(await connect(desk.url)));
    const url = `${desk.cloud.endpoint}/_aws/execute-api/${API}/live/@connections/${id}`;
    expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(403);
  });

  it("does not know a connection before $connect has let it in, nor one that is refused", async () => {
    const seen: string[] = [];
    await start({
      greet: async ({ requestContext: { connectionId: ConnectionId }, queryStringParameters }) => {
        const command = new PostToConnectionCommand({ ConnectionId, Data: "early" });
        seen.push(
          await manage()
            .send(command)
            .then(
              () => "sent",
              (error: Error) => error.name,
            ),
        );
        return { statusCode: queryStringParameters?.no ? 403 : 200 };
      },
    });
    await connect(desk.url);
    await refused(`${desk.url}?no=1`);
    expect(seen).toEqual(["GoneException", "GoneException"]);
  });

  it("tells of a client that does not read, instead of keeping what it is sent", async () => {
    await start();
    const client = await connect(desk.url);
    const ConnectionId = await idOf(client);
    client.socket.pause();
    const Data = "x".repeat(131_072);
    const post = () => manage().send(new PostToConnectionCommand({ ConnectionId, Data }));
    let sent = 0;
    const failure = await (async () => {
      for (; sent < 500; sent++) {
        const error = await post().then(
          () => undefined,
          (reason: Error) => reason,
        );
        if (error) return error;
      }
      return undefined;
    })();
    expect(failure).toMatchObject({ name: "LimitExceededException", $metadata: { httpStatusCode: 429 } });
    client.socket.resume();
    for (let i = 0; i < sent; i++) expect(await client.next()).toBe(Data);
    await post();
    expect(await client.next()).toBe(Data);
  });
});

describe("order and load", () => {
  it("a connection's messages are handled one after the other, its answers come in that order", async () => {
    const running = { now: 0, most: 0 };
    await start({
      echo: async ({ body = "" }) => {
        running.most = Math.max(running.most, ++running.now);
        // the earlier, the slower
        await new Promise((resolve) => setTimeout(resolve, 20 - Number(body)));
        running.now--;
        return { statusCode: 200, body };
      },
    });
    const client = await connect(desk.url);
    for (let i = 0; i < 20; i++) client.say(String(i));
    client.socket.close();
    await expect.poll(() => desk.events("leave").length).toBe(1);
    expect(desk.events("echo").map(({ body }) => body)).toEqual([...Array(20).keys()].map(String));
    expect(running.most).toBe(1);
    // what was sent before the close is handled before $disconnect
    expect(desk.seen.at(-1)?.event).toMatchObject({ requestContext: { routeKey: "$disconnect" } });
  });

  it("500 connections with 20 messages each lose none, double none, and mix none", async () => {
    await start();
    const clients = await Promise.all(Array.from({ length: 500 }, () => connect(desk.url)));
    await Promise.all(
      clients.map(async (client, who) => {
        for (let i = 0; i < 20; i++) client.say(`${who}:${i}`);
        for (let i = 0; i < 20; i++) expect(await client.next()).toBe(`${who}:${i}`);
      }),
    );
    expect(desk.events("echo")).toHaveLength(10_000);
    expect(new Set(desk.events("echo").map((event) => event.requestContext.connectionId)).size).toBe(500);
    expect(desk.sockets.views?.connections?.(new URLSearchParams())).toMatchObject({ total: 500 });
    for (const client of clients) client.socket.terminate();
    await expect.poll(() => desk.events("leave").length).toBe(500);
    expect(desk.sockets.views?.connections?.(new URLSearchParams())).toEqual({ total: 0, connections: [] });
  });

  it("a client that reconnects is another connection, whose predecessor is gone", async () => {
    await start();
    const ids = new Set<string>();
    for (let i = 0; i < 5; i++) {
      const client = await connect(desk.url);
      ids.add(await idOf(client));
      client.socket.close();
      await client.closed;
    }
    await expect.poll(() => desk.events("leave").length).toBe(5);
    expect(ids.size).toBe(5);
    for (const ConnectionId of ids) {
      const late = manage().send(new GetConnectionCommand({ ConnectionId }));
      await expect(late).rejects.toMatchObject({ name: "GoneException" });
    }
  });

  it("1,000 open connections, half of them dead, are closed in the end, whatever $disconnect does", async () => {
    const { promise: never } = Promise.withResolvers();
    await start({ leave: () => never });
    const clients = await Promise.all(Array.from({ length: 1_000 }, () => connect(desk.url)));
    for (const { socket } of clients.slice(0, 500)) socket.pause();
    await desk.sockets.closeAll(); // which would wait for ever, did it wait for the dead or for $disconnect
    const alive = await Promise.all(clients.slice(500).map(({ closed }) => closed));
    expect(new Set(alive.map(({ code }) => code))).toEqual(new Set([1001]));
    expect((await refused(desk.url)).status).toBe(503);
    for (const { socket } of clients) socket.terminate();
  }, 30_000);
});

describe("the console", () => {
  it("lists connections, sends to one and disconnects it", async () => {
    await start();
    const client = await connect(desk.url, { headers: { "user-agent": "t/1" } });
    const id = await idOf(client);
    const { views, actions } = desk.sockets;
    expect(views?.connections?.(new URLSearchParams())).toMatchObject({
      total: 1,
      connections: [
        { id, api: "Desk", stage: "live", sourceIp: "127.0.0.1", userAgent: "t/1", received: 1, sent: 1 },
      ],
    });
    actions?.send?.({ id, data: "psst" });
    expect(await client.next()).toBe("psst");
    expect(() => actions?.send?.({ id: "nobody", data: "x" })).toThrow("no open connection nobody");
    expect(() => actions?.send?.({ id, data: 5 })).toThrow("data is the text");
    actions?.disconnect?.({ id });
    expect((await client.closed).code).toBe(1000);
  });
});

describe("what is no handshake", () => {
  const knock = (headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const path = new URL(desk.url).pathname;
      const asked = request({
        port: desk.port,
        host: "127.0.0.1",
        path,
        headers: { connection: "upgrade", ...headers },
      });
      asked.on("response", (response) => resolve(response.resume().statusCode ?? 0));
      asked.on("error", reject);
      asked.end();
    });

  it.each([
    [{ upgrade: "websocket" }],
    [{ upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "short" }],
    [{ upgrade: "websocket", "sec-websocket-version": "8", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" }],
    [{ upgrade: "h2c", "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" }],
  ])("is answered 400, and no function hears of it: %o", async (headers) => {
    await start();
    expect(await knock(headers as Record<string, string>)).toBe(400);
    expect(desk.seen).toEqual([]);
  });
});
