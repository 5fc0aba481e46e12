import { randomBytes } from "node:crypto";
import { type Header, headerOf, parseQuery } from "../../front/exchange.ts";
import { parseTraceHeader } from "../../kit/recorder.ts";
import { gather, requestTime } from "../apigateway/context.ts";
import type { Route, SocketApi, Stage } from "./model.ts";

/** Who connects: everything the handshake told, kept for as long as the connection lasts. */
export interface Peer {
  readonly connectionId: string;
  readonly api: SocketApi;
  readonly stage: Stage;
  readonly domainName: string;
  readonly sourceIp: string;
  /** As the client sent them. */
  readonly headers: readonly Header[];
  /** Without the question mark. */
  readonly query: string;
  readonly connectedAt: number;
  /** What the authorizer said, or whose signature the handshake bore: part of every later event. */
  authorizer?: Readonly<Record<string, unknown>>;
  identity?: Readonly<Record<string, unknown>>;
  /** The API key the authorizer named, where it names them. */
  usageKey?: string;
}

/** One event of a connection on its way through the API. */
export interface Call {
  readonly peer: Peer;
  readonly eventType: "CONNECT" | "MESSAGE" | "DISCONNECT";
  readonly routeKey: string;
  readonly route?: Route;
  readonly requestId: string;
  readonly timeMs: number;
  /** `Root=…;Parent=…;Sampled=1`, whose parent is this event's span. */
  readonly trace: string;
  readonly messageId?: string;
  readonly body?: string;
  readonly ended?: { readonly code: number; readonly reason: string };
  integration?: { readonly status?: number; readonly latencyMs: number; readonly requestId?: string };
  error?: { readonly type: string; readonly message: string };
}

/** An id as API Gateway makes them for connections, messages and requests: `KVmb8fjMIAMCFgQ=`. */
export const newId = (): string => `${randomBytes(11).toString("base64url")}=`;

/** Whether a text can be a connection's id at all. */
export const isConnectionId = (text: string): boolean => /^[\w-]{15}=$/.test(text);

/** `requestContext` of an event, which is also `$context` in templates and access logs. */
export const requestContext = (call: Call): Record<string, unknown> => {
  const { peer, eventType, ended } = call;
  const userAgent = headerOf(peer.headers, "user-agent");
  return {
    routeKey: call.routeKey,
    ...(ended ? { disconnectStatusCode: ended.code } : {}),
    ...(peer.authorizer ? { authorizer: peer.authorizer } : {}),
    ...(call.messageId ? { messageId: call.messageId } : {}),
    eventType,
    extendedRequestId: call.requestId,
    requestTime: requestTime(call.timeMs),
    messageDirection: "IN",
    ...(ended ? { disconnectReason: ended.reason } : {}),
    stage: peer.stage.name,
    connectedAt: peer.connectedAt,
    requestTimeEpoch: call.timeMs,
    identity: { ...peer.identity, ...(userAgent ? { userAgent } : {}), sourceIp: peer.sourceIp },
    requestId: call.requestId,
    domainName: peer.domainName,
    connectionId: peer.connectionId,
    apiId: peer.api.id,
  };
};

const HOP_BY_HOP = new Set(["connection", "upgrade", "content-length"]);
const REPLACED = new Set([
  "host",
  "x-amzn-trace-id",
  "x-forwarded-for",
  "x-forwarded-port",
  "x-forwarded-proto",
]);

const handshakeHeaders = ({ peer, trace }: Call): Header[] => {
  const forwarded = headerOf(peer.headers, "x-forwarded-for");
  return [
    ...peer.headers.filter(([name]) => {
      const lower = name.toLowerCase();
      return !HOP_BY_HOP.has(lower) && !REPLACED.has(lower);
    }),
    ["Host", peer.domainName],
    ["X-Amzn-Trace-Id", `Root=${parseTraceHeader(trace).traceId ?? ""}`],
    ["X-Forwarded-For", forwarded ? `${forwarded}, ${peer.sourceIp}` : peer.sourceIp],
    ["X-Forwarded-Port", "443"],
    ["X-Forwarded-Proto", "https"],
  ];
};

const variables = ({ stage }: Peer) =>
  Object.keys(stage.variables).length > 0 ? { stageVariables: stage.variables } : {};

const connectEvent = (call: Call): Record<string, unknown> => {
  const headers = gather(handshakeHeaders(call), true);
  const query = gather(parseQuery(call.peer.query), false);
  return {
    headers: headers.single,
    multiValueHeaders: headers.multi,
    ...(query.single
      ? { queryStringParameters: query.single, multiValueQueryStringParameters: query.multi }
      : {}),
  };
};

/** API Gateway closes a connection by a request to itself, whose headers the event shows. */
const disconnectEvent = ({ peer }: Call): Record<string, unknown> => {
  const headers: Header[] = [
    ["Host", peer.domainName],
    ["x-api-key", ""],
    ["X-Forwarded-For", ""],
    ["x-restapi", ""],
  ];
  const { single, multi } = gather(headers, true);
  return { headers: single, multiValueHeaders: multi };
};

/** What a proxy integration is given. */
export const proxyEvent = (call: Call): Record<string, unknown> => ({
  ...(call.eventType === "CONNECT" ? connectEvent(call) : {}),
  ...(call.eventType === "DISCONNECT" ? disconnectEvent(call) : {}),
  ...variables(call.peer),
  requestContext: requestContext(call),
  ...(call.body === undefined ? {} : { body: call.body }),
  isBase64Encoded: false,
});

/** `arn:aws:execute-api:…/stage/$connect`: what an authorizer's policy speaks of. */
export const routeArn = ({ peer, routeKey }: Call): string =>
  `${peer.api.executionArn}/${peer.stage.name}/${routeKey}`;

/** What a REQUEST authorizer is given: the handshake, hop-by-hop headers and all. */
export const authorizerEvent = (call: Call): Record<string, unknown> => {
  const hops: Header[] = [
    ["Connection", "upgrade"],
    ["content-length", "0"],
    ["Upgrade", "websocket"],
  ];
  const headers = gather([...hops, ...handshakeHeaders(call)], true);
  const query = gather(parseQuery(call.peer.query), false);
  return {
    type: "REQUEST",
    methodArn: routeArn(call),
    headers: headers.single ?? {},
    multiValueHeaders: headers.multi ?? {},
    queryStringParameters: query.single ?? {},
    multiValueQueryStringParameters: query.multi ?? {},
    stageVariables: call.peer.stage.variables,
    requestContext: requestContext(call),
  };
};
