import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { EdgeRequest, Header } from "../../front/exchange.ts";
import { authorize } from "./authorize.ts";
import { type Call, newId, type Peer } from "./context.ts";
import { runCall } from "./handle.ts";
import { openSocket, runDisconnect } from "./life.ts";
import type { Shared } from "./messages.ts";
import { LIMITS } from "./model.ts";
import { Refusal } from "./refusal.ts";
import { beginTrace } from "./spans.ts";
import type { Target } from "./target.ts";

/** An upgrade that came to the front door, and the API it is for. */
export interface Knock {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly target: Target;
}

const PHRASES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  414: "URI Too Long",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Answers a handshake with a plain HTTP response. */
const refuse = (socket: Duplex, status: number, body: string, headers: readonly Header[] = []): void => {
  const lines = [
    `HTTP/1.1 ${status} ${PHRASES[status] ?? "Refused"}`,
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once("finish", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
};

const refuseWith = (socket: Duplex, refusal: Refusal, peer: Peer, requestId: string) => {
  const { connectionId } = peer;
  refuse(socket, refusal.status, JSON.stringify({ message: refusal.message, connectionId, requestId }), [
    ["x-amzn-ErrorType", refusal.type],
    ["x-amzn-RequestId", requestId],
  ]);
};

const headerPairs = (raw: readonly string[]): Header[] => {
  const pairs: Header[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return pairs;
};

/** What the protocol itself asks of a handshake, before any function hears of it. */
const isHandshake = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" &&
  headers.upgrade?.toLowerCase() === "websocket" &&
  /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "") &&
  headers["sec-websocket-version"] === "13" &&
  isProtocolList(headers["sec-websocket-protocol"]);

/** Tokens, each once: what the protocol library asks, but asks it only after `$connect` has run. */
const isProtocolList = (list: string | undefined): boolean => {
  const names = list?.split(",").map((name) => name.trim()) ?? [];
  return (
    names.every((name) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) && new Set(names).size === names.length
  );
};

const edgeRequest = ({ request }: Knock, trace: string): EdgeRequest => {
  const url = (request.url ?? "/").replace(/^https?:\/\/[^/?]+/i, "");
  const at = url.indexOf("?");
  const address = request.socket.remoteAddress ?? "127.0.0.1";
  return {
    method: request.method ?? "GET",
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? "" : url.slice(at + 1),
    host: request.headers.host ?? "",
    headers: headerPairs(request.rawHeaders),
    body: Buffer.alloc(0),
    sourceIp: address.startsWith("::ffff:") ? address.slice(7) : address,
    trace,
  };
};

const connectCall = (knock: Knock, edge: EdgeRequest, nowMs: number): Call | undefined => {
  const { api, stage: name, domainName } = knock.target;
  const stage = api.stages.get(name);
  if (!stage || knock.target.rest !== "") return undefined;
  const { sourceIp, headers, query } = edge;
  const connectionId = newId();
  const peer: Peer = { connectionId, api, stage, domainName, sourceIp, headers, query, connectedAt: nowMs };
  const route = api.routes.get("$connect");
  return {
    peer,
    eventType: "CONNECT",
    routeKey: "$connect",
    ...(route ? { route } : {}),
    requestId: newId(),
    timeMs: nowMs,
    trace: edge.trace,
  };
};

/** Lets clients in, or not: authorizer, `$connect`, then the protocol's own handshake. */
export const createHandshakes = (shared: Shared) => {
  const chosen = new WeakMap<IncomingMessage, string>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Neither is offered by API Gateway: frames come as they are, and a subprotocol only if `$connect` names one.
    perMessageDeflate: false,
    handleProtocols: (_, request) => chosen.get(request) ?? false,
    maxPayload: LIMITS.messageBytes,
  });
  const accept = (knock: Knock, call: Call, protocol: string | undefined) => {
    const { request, socket, head } = knock;
    if (protocol !== undefined) chosen.set(request, protocol);
    if (socket.destroyed || !socket.writable || shared.stopped) {
      // It left while `$connect` ran: what that began, `$disconnect` ends.
      socket.destroy();
      return void runDisconnect(shared, call.peer, { code: 1006, reason: "Connection closed abnormally" });
    }
    server.handleUpgrade(request, socket, head, (ws) => openSocket(shared, call.peer, ws, socket));
  };
  return async (knock: Knock): Promise<void> => {
    const { request, socket } = knock;
    const { clock } = shared.cloud;
    const given = request.headers["x-amzn-trace-id"];
    const edge = edgeRequest(knock, beginTrace(clock.now(), typeof given === "string" ? given : undefined));
    if ((request.url ?? "").length > LIMITS.urlChars)
      return refuse(socket, 414, '{"message":"URI Too Long"}');
    if (shared.stopped) return refuse(socket, 503, '{"message":"Service Unavailable"}');
    if (!isHandshake(request)) return refuse(socket, 400, '{"message":"Bad Request"}');
    const call = connectCall(knock, edge, clock.now());
    if (!call) {
      return refuse(socket, 403, '{"message":"Forbidden"}', [["x-amzn-ErrorType", "ForbiddenException"]]);
    }
    const { answer, refusal } = await runCall(shared.cloud, call, async () => {
      if (!shared.throttles(call)) throw new Refusal("TooManyRequestsException");
      await authorize(shared.cloud, call, edge);
      shared.checkKey(call);
    });
    if (refusal) return refuseWith(socket, refusal, call.peer, call.requestId);
    if (answer && (answer.status < 200 || answer.status > 299)) {
      return refuse(socket, answer.status, answer.body ?? "", [["x-amzn-RequestId", call.requestId]]);
    }
    accept(knock, call, answer?.headers["sec-websocket-protocol"]);
  };
};
