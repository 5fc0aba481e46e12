import { headerOf, parseQuery } from "../../front/exchange.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { type Connection, close, isFull, isOpen, send } from "./connection.ts";
import { type Call, newId } from "./context.ts";
import { isCut, strikeMessage } from "./faulty.ts";
import { type CheckKey, runCall, type Throttles } from "./handle.ts";
import { LIMITS } from "./model.ts";
import { errorFrame, Refusal } from "./refusal.ts";
import { selectRoute } from "./selection.ts";
import { beginTrace, recordSend } from "./spans.ts";

/** What the connections of all APIs share. */
export interface Shared {
  readonly cloud: Cloud;
  readonly throttles: Throttles;
  readonly checkKey: CheckKey;
  readonly connections: Map<string, Connection>;
  /** Connections that are closed, and whose `$disconnect` has not returned yet. */
  readonly endings: Set<Promise<void>>;
  /** True once the local cloud stops: nobody is let in, and no message is handed on. */
  stopped: boolean;
}

const selectFor = ({ peer }: Connection, body: string): string => {
  const { routes, selection } = peer.api;
  const key = selectRoute(selection, {
    body,
    header: (name) => headerOf(peer.headers, name),
    query: (name) => parseQuery(peer.query).findLast(([one]) => one === name)?.[1],
  });
  // The three routes with a dollar are not a client's to choose, but for the default one.
  const known = key !== undefined && !/^\$(connect|disconnect)$/.test(key) && routes.has(key);
  return known ? key : "$default";
};

const messageCall = (cloud: Cloud, connection: Connection, body: string): Call => {
  const { peer } = connection;
  const timeMs = cloud.clock.now();
  const routeKey = selectFor(connection, body);
  const route = peer.api.routes.get(routeKey);
  return {
    peer,
    eventType: "MESSAGE",
    routeKey,
    ...(route ? { route } : {}),
    requestId: newId(),
    messageId: newId(),
    timeMs,
    trace: beginTrace(timeMs),
    body,
  };
};

const reply = async ({ cloud }: Shared, connection: Connection, call: Call, data: Buffer): Promise<void> => {
  // The next message waits for this: a client that does not read its answers gets no more of them made.
  const ok = await send(connection, cloud.clock, data);
  recordSend(cloud, connection.peer, { bytes: data.length, trace: call.trace, ok });
};

const handle = async (shared: Shared, connection: Connection, data: Buffer): Promise<void> => {
  const { cloud, throttles, checkKey } = shared;
  const struck = await strikeMessage(cloud, connection.peer);
  if (struck === "before") return connection.socket.terminate();
  const call = messageCall(cloud, connection, data.toString("utf8"));
  const { answer, refusal } = await runCall(cloud, call, () => {
    if (!call.route) throw new Refusal("ForbiddenException");
    if (!throttles(call)) throw new Refusal("TooManyRequestsException");
    checkKey(call);
  });
  if (struck === "after") return connection.socket.terminate();
  if (refusal) {
    const frame = errorFrame(refusal.message, connection.peer.connectionId, call.requestId);
    return reply(shared, connection, call, frame);
  }
  if (call.route?.responds && answer?.body) {
    const body = Buffer.from(answer.body);
    if (body.length <= LIMITS.messageBytes) return reply(shared, connection, call, body);
    const frame = errorFrame("Message too long", connection.peer.connectionId, call.requestId);
    await reply(shared, connection, call, frame);
  }
};

/** One message after the other: the next is handed on when the one before has its answer. */
const drain = async (shared: Shared, connection: Connection): Promise<void> => {
  const { waiting, socket } = connection;
  for (let next = waiting.shift(); next && !shared.stopped; next = waiting.shift()) {
    if (socket.isPaused && waiting.length < LIMITS.waitingMessages / 2) socket.resume();
    await handle(shared, connection, next);
  }
  connection.draining = undefined;
};

/** Takes a message off a connection's socket. */
export const receive = (shared: Shared, connection: Connection, data: Buffer, binary: boolean): void => {
  if (!isOpen(connection)) return;
  connection.lastActiveAt = shared.cloud.clock.now();
  if (binary) {
    close(connection, 1003, "");
    return;
  }
  connection.received += 1;
  connection.waiting.push(data);
  // A client faster than its functions is slowed down by its own socket.
  if (connection.waiting.length >= LIMITS.waitingMessages) connection.socket.pause();
  connection.draining ??= drain(shared, connection);
};

/** Posts to a client on someone's behalf. */
export const post = (
  { cloud }: Shared,
  connection: Connection,
  data: Buffer,
  by: { readonly trace?: string; readonly from?: string },
): "sent" | "full" | "gone" => {
  if (!isOpen(connection)) return "gone";
  if (isCut(cloud, connection.peer)) {
    connection.socket.terminate();
    return "gone";
  }
  if (isFull(connection)) return "full";
  void send(connection, cloud.clock, data).then((ok) =>
    recordSend(cloud, connection.peer, { bytes: data.length, ok, ...by }),
  );
  return "sent";
};
