import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { type Connection, close, endOf, limitLife, openConnection } from "./connection.ts";
import { type Call, newId, type Peer } from "./context.ts";
import { watchFrames } from "./frames.ts";
import { runCall } from "./handle.ts";
import { receive, type Shared } from "./messages.ts";
import { LIMITS } from "./model.ts";
import { beginTrace } from "./spans.ts";

/** Tells `$disconnect` of a connection's end. Once, without an authorizer, and whatever it answers changes nothing. */
export const runDisconnect = async (
  shared: Shared,
  peer: Peer,
  ended: { readonly code: number; readonly reason: string },
): Promise<void> => {
  const route = peer.api.routes.get("$disconnect");
  if (!route?.integration) return;
  const timeMs = shared.cloud.clock.now();
  const call: Call = {
    peer,
    eventType: "DISCONNECT",
    routeKey: "$disconnect",
    route,
    requestId: newId(),
    timeMs,
    trace: beginTrace(timeMs),
    ended,
  };
  await runCall(shared.cloud, call, () => {});
};

const CODES: Record<string, number> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
};

/** The protocol library closes by itself on a client's mistake: what is left is to remember why. */
const noteError = (connection: Connection, error: Error & { code?: string }): void => {
  if (!error.code?.startsWith("WS_ERR_")) return;
  connection.closing ??= { code: CODES[error.code] ?? 1002, reason: "" };
};

const finish = async (shared: Shared, connection: Connection, code: number, reason: string) => {
  const { connectionId } = connection.peer;
  shared.connections.delete(connectionId);
  for (const cancel of connection.timers) cancel();
  connection.timers.clear();
  await connection.draining; // what the client sent before it left comes first
  await runDisconnect(shared, connection.peer, endOf(connection, code, reason));
};

/** Opens a connection over a socket whose handshake is done. */
export const openSocket = (shared: Shared, peer: Peer, socket: WebSocket, raw: Duplex): void => {
  const { clock } = shared.cloud;
  const connection = openConnection(peer, socket);
  shared.connections.set(peer.connectionId, connection);
  limitLife(connection, clock);
  const watch = watchFrames(LIMITS.frameBytes, () => close(connection, 1009, ""));
  raw.prependListener("data", watch);
  socket.on("message", (data: Buffer, binary: boolean) => receive(shared, connection, data, binary));
  socket.on("ping", () => {
    connection.lastActiveAt = clock.now();
  });
  socket.on("error", (error) => noteError(connection, error));
  socket.on("close", (code, reason) => {
    raw.removeListener("data", watch);
    const ending = finish(shared, connection, code, reason.toString("utf8"));
    shared.endings.add(ending);
    void ending.finally(() => shared.endings.delete(ending));
  });
};

/** How long clients have to answer a close frame, and `$disconnect` to run, when the local cloud stops, ms. */
const GRACE_MS = 1_500;

const atMost = async (ms: number, task: Promise<unknown>): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([task, promise]);
  clearTimeout(timer);
};

/** Closes every connection as a deployment or a restart of AWS's would: 1001. Clients that do not answer are cut off. */
export const closeAll = async (shared: Shared): Promise<void> => {
  shared.stopped = true;
  const open = [...shared.connections.values()];
  const closed = open.map(({ socket }) => new Promise((resolve) => socket.once("close", resolve)));
  for (const connection of open) close(connection, 1001, "Going away");
  await atMost(GRACE_MS / 3, Promise.all(closed));
  for (const { socket } of open) socket.terminate();
  await Promise.all(closed);
  await atMost(GRACE_MS, Promise.allSettled(shared.endings));
};
