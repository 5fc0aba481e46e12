import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { page } from "./reply.ts";

/** A door that is open, and answers 503 until a front stands behind it: its address is known before anything has started. */
export interface Door {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

const MAX_HEADER_BYTES = 32_768;
const GRACE_MS = 2_000;

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });

const closer = (server: Server) => async (): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  timer.unref();
  await closed;
  clearTimeout(timer);
};

/** Answers for a front that is not there yet. */
export const notReady = (_: IncomingMessage, reply: ServerResponse) => {
  const { status, body } = page(503, "503 Service Unavailable", "The local cloud is starting.");
  reply.writeHead(status, { "content-type": "text/html; charset=utf-8", "retry-after": "1" }).end(body);
};

/** Opens the door: takes the port, so that its address can be told before what is behind it has started. */
export const openDoor = async (port: number, host = "127.0.0.1"): Promise<Door> => {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 65_000 });
  // A client gets 10 s for its headers and a minute for all of a request.
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  server.on("request", notReady);
  await listen(server, port, host);
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://${host}:${taken}`, port: taken, server, close: closer(server) };
};
