import http from "node:http";
import https from "node:https";
import { type EdgeResponse, type Header, withoutHeaders } from "../../front/exchange.ts";
import { page } from "../../front/reply.ts";

const HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** CloudFront's default origin response timeout. */
const TIMEOUT_MS = 30_000;

const agents = {
  "http:": new http.Agent({ keepAlive: true }),
  "https:": new https.Agent({ keepAlive: true }),
};

/** Sends a request to a URL and streams the answer back. */
export const httpOrigin = (
  url: URL,
  method: string,
  headers: readonly Header[],
  body: Buffer,
): Promise<EdgeResponse> =>
  new Promise((resolve) => {
    const secure = url.protocol === "https:";
    const flat: string[] = [];
    for (const [name, value] of withoutHeaders(headers, new Set([...HOP, "content-length"])))
      flat.push(name, value);
    if (body.length > 0) flat.push("Content-Length", String(body.length));
    const request = (secure ? https : http).request(
      url,
      { method, headers: flat, agent: secure ? agents["https:"] : agents["http:"], timeout: TIMEOUT_MS },
      (reply) => {
        const kept: Header[] = [];
        for (let i = 0; i + 1 < reply.rawHeaders.length; i += 2) {
          const name = reply.rawHeaders[i] ?? "";
          if (!HOP.has(name.toLowerCase())) kept.push([name, reply.rawHeaders[i + 1] ?? ""]);
        }
        resolve({ status: reply.statusCode ?? 502, headers: kept, body: reply });
      },
    );
    request.on("timeout", () => request.destroy(new Error("timed out")));
    request.on("error", (error) => {
      const timedOut = error.message === "timed out";
      resolve(
        page(
          timedOut ? 504 : 502,
          timedOut ? "504 Gateway Timeout" : "502 Bad Gateway",
          `The origin ${url.host} ${timedOut ? "did not answer in time" : "could not be reached"}.`,
        ),
      );
    });
    request.end(body);
  });
