import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { EdgeResponse } from "./exchange.ts";

const BODILESS = new Set([204, 304]);

/** Writes a response; a client that left is not an error. Resolves when the last byte is handed to the socket. */
export const sendResponse = async (
  reply: ServerResponse,
  method: string,
  response: EdgeResponse,
  close: boolean,
): Promise<void> => {
  if (reply.destroyed) return;
  // a fault on purpose: the answer is lost on its way
  if (response.detail?.cut === true) {
    reply.destroy();
    return;
  }
  const flat: string[] = [];
  for (const [name, value] of response.headers) {
    if (name.toLowerCase() !== "content-length") flat.push(name, value);
  }
  if (close) flat.push("Connection", "close");
  const { body } = response;
  if (body instanceof Readable) {
    reply.writeHead(response.status, flat);
    if (method === "HEAD") {
      body.destroy();
      reply.end();
      return;
    }
    await pipeline(body, reply).catch(() => reply.destroy());
    return;
  }
  const bytes = body ?? "";
  if (!BODILESS.has(response.status)) flat.push("Content-Length", String(Buffer.byteLength(bytes)));
  reply.writeHead(response.status, flat);
  if (method === "HEAD" || BODILESS.has(response.status)) reply.end();
  else reply.end(bytes);
};

/** A small page for people: what went wrong, in words, and nothing of the program's inside. */
export const page = (status: number, title: string, detail: string): EdgeResponse => ({
  status,
  headers: [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Cache-Control", "no-store"],
  ],
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>body{font:16px/1.5 system-ui;margin:10vh auto;max-width:40rem;padding:0 1rem;color-scheme:light dark}code{background:#8882;padding:.1em .3em;border-radius:.2em}</style><h1>${escapeHtml(title)}</h1><p>${escapeHtml(detail)}</p></html>`,
});

const escapeHtml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
