import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** Joins an upgraded connection to another server, byte for byte. */
export const tunnel = (target: URL, request: IncomingMessage, socket: Duplex, head: Buffer): void => {
  const port = Number(target.port) || 80;
  const upstream = connect(port, target.hostname, () => {
    const lines = [`GET ${request.url ?? "/"} HTTP/1.1`];
    for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
      const name = request.rawHeaders[i] ?? "";
      const value = name.toLowerCase() === "host" ? target.host : (request.rawHeaders[i + 1] ?? "");
      lines.push(`${name}: ${value}`);
    }
    upstream.write(`${lines.join("\r\n")}\r\n\r\n`);
    if (head.length > 0) upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on("error", () => socket.destroy());
  socket.on("error", () => upstream.destroy());
  socket.on("close", () => upstream.destroy());
  upstream.on("close", () => socket.destroy());
};
