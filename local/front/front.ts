import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Cloud } from "../kit/cloud.ts";
import { newSpanId, newTraceId, parseTraceHeader, traceHeader } from "../kit/recorder.ts";
import { readBody } from "./body.ts";
import { createDispatch, type DispatchOptions } from "./dispatch.ts";
import { type Door, notReady, openDoor } from "./door.ts";
import { type EdgeRequest, type EdgeResponse, type Header, withoutHeaders } from "./exchange.ts";
import { page, sendResponse } from "./reply.ts";
import { tunnel } from "./tunnel.ts";

/** How the front door is set up. */
export interface FrontOptions extends DispatchOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host?: string;
  /** Local routes that are no part of the graph (`/_local/*`): true when it took the request. */
  readonly extra?: (request: IncomingMessage, reply: ServerResponse) => boolean;
  /** Takes over protocol upgrades (WebSocket): true when it did. `local` is whether the host is a name of this machine. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer, local: boolean) => boolean;
  /** A door that is open already; without it one is opened at `port`. */
  readonly door?: Door;
  /** The development server whose own WebSocket (hot reload) an upgrade is for. */
  readonly developmentSocket?: (request: IncomingMessage) => URL | undefined;
}

/** The running front door. */
export interface Front {
  readonly url: string;
  readonly port: number;
  /** Forgets paths cached at the edge: `["/*"]` after a build. */
  invalidate(paths: readonly string[]): void;
  /** Answers what is under way, then closes every connection. */
  close(): Promise<void>;
}

/** CloudFront's limit for a URL. */
const MAX_URL_BYTES = 8_192;

const headerPairs = (raw: readonly string[]): Header[] => {
  const pairs: Header[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? "", raw[i + 1] ?? ""]);
  return pairs;
};

const hostOf = (incoming: IncomingMessage): string =>
  (incoming.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");

const toEdgeRequest = (
  incoming: IncomingMessage,
  body: { body: Buffer; oversized?: true },
  trace: string,
): EdgeRequest => {
  // A proxy's absolute form keeps only its path.
  const url = (incoming.url ?? "/").replace(/^https?:\/\/[^/?]+/i, "") || "/";
  const at = url.indexOf("?");
  const address = incoming.socket.remoteAddress ?? "127.0.0.1";
  return {
    method: incoming.method ?? "GET",
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? "" : url.slice(at + 1),
    host: hostOf(incoming),
    headers: headerPairs(incoming.rawHeaders),
    body: body.body,
    ...(body.oversized ? { oversized: true } : {}),
    sourceIp: address.startsWith("::ffff:") ? address.slice(7) : address,
    trace,
  };
};

/** Whatever answered, also from a cache: the answer names the trace of its own request. */
const withTrace = (response: EdgeResponse, trace: string): EdgeResponse => ({
  ...response,
  headers: [...withoutHeaders(response.headers, TRACE_HEADER), ["X-Amzn-Trace-Id", trace]],
});

const TRACE_HEADER = new Set(["x-amzn-trace-id"]);

const failed = (): EdgeResponse =>
  page(502, "502 Bad Gateway", "The local cloud could not answer this request.");

/** One span for the door, and one for the origin behind it where the door has one: the map draws the way between them. */
const record = (cloud: Cloud, request: EdgeRequest, response: EdgeResponse, ids: Ids, start: number) => {
  const span = {
    traceId: ids.traceId,
    kind: "http" as const,
    name: `${request.method} ${request.path}`,
    start,
    durationMs: performance.now() - ids.began,
    ...(response.status >= 500 ? { error: `HTTP ${response.status}` } : {}),
    detail: { ...response.detail, status: response.status },
  };
  const node = response.node ?? "";
  const origin = response.detail?.origin;
  if (typeof origin !== "string" || origin === node)
    return cloud.recorder.record({ ...span, id: ids.id, node });
  const door = newSpanId();
  cloud.recorder.record({ ...span, id: door, node });
  cloud.recorder.record({ ...span, id: ids.id, parentId: door, node: origin, from: node });
};

interface Ids {
  readonly traceId: string;
  /** Of the innermost span, the origin's where there is one: the parent of what the request triggers. */
  readonly id: string;
  /** When the request came, on the monotonic clock: durations are finer than the cloud's milliseconds. */
  readonly began: number;
}

const answer = async (
  cloud: Cloud,
  dispatch: (request: EdgeRequest) => Promise<EdgeResponse>,
  incoming: IncomingMessage,
  reply: ServerResponse,
  closing: () => boolean,
): Promise<void> => {
  const start = cloud.clock.now();
  const header = incoming.headers["x-amzn-trace-id"];
  const given = parseTraceHeader(typeof header === "string" ? header : undefined).traceId;
  const traceId = given && /^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(given) ? given : newTraceId(start);
  const ids = { traceId, id: newSpanId(), began: performance.now() };
  const body = await readBody(incoming);
  if (!body) return;
  const request = toEdgeRequest(incoming, body, traceHeader(traceId, ids.id));
  let response: EdgeResponse;
  try {
    response =
      Buffer.byteLength(incoming.url ?? "") > MAX_URL_BYTES
        ? page(414, "414 URI Too Long", "A URL may take 8,192 bytes.")
        : await dispatch(request);
  } catch (error) {
    cloud.print(
      `front: ${request.method} ${request.path}: ${error instanceof Error ? error.message : String(error)}`,
    );
    response = failed();
  }
  try {
    const traced = withTrace(response, request.trace);
    await sendResponse(reply, request.method, traced, body.oversized === true || closing());
  } catch {
    // A header Node refuses to write: nothing was sent yet.
    response = failed();
    if (!reply.headersSent) await sendResponse(reply, request.method, response, true);
  }
  record(cloud, request, response, ids, start);
};

const refuseMalformed = (error: NodeJS.ErrnoException, socket: Duplex) => {
  if (!socket.writable || error.code === "ECONNRESET") return socket.destroy();
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};

const refuseUpgrade = (socket: Duplex) => {
  socket.end("HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
};

/** Starts the one HTTP server that stands for CloudFront and API Gateway. */
export const startFront = async (cloud: Cloud, options: FrontOptions): Promise<Front> => {
  const dispatch = createDispatch(cloud, options);
  const { server, url, port, close } = options.door ?? (await openDoor(options.port, options.host));
  server.off("request", notReady);
  server.on("request", (incoming, reply) => {
    reply.on("error", () => {});
    if (options.extra && dispatch.isLocal(hostOf(incoming)) && options.extra(incoming, reply)) return;
    answer(cloud, dispatch.handle, incoming, reply, () => !server.listening).catch((error: unknown) => {
      cloud.print(`front: ${incoming.method} ${incoming.url}: ${String(error)}`);
      if (!reply.writableEnded) reply.destroy();
    });
  });
  server.on("upgrade", (incoming, socket, head) => {
    socket.on("error", () => socket.destroy());
    const local = dispatch.isLocal(hostOf(incoming));
    if (options.upgrade?.(incoming, socket, head, local)) return;
    if (!local) return refuseUpgrade(socket);
    const target = options.developmentSocket?.(incoming);
    if (target) return tunnel(target, incoming, socket, head);
    refuseUpgrade(socket);
  });
  server.on("clientError", refuseMalformed);
  const { invalidate } = dispatch;
  return { url, port, invalidate, close };
};
