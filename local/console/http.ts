import type { IncomingMessage, ServerResponse } from "node:http";
import type { ViewDocument } from "../kit/view-document.ts";

/** A refusal for people: the sentence is shown as it stands. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const MAX_BODY_BYTES = 2 ** 20;

// No page elsewhere may read or embed an answer, and none is taken for a script.
const SAFE = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

/** Answers JSON. */
export const json = (response: ServerResponse, body: unknown): void => {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8", ...SAFE });
  response.end(JSON.stringify(body ?? null));
};

/** Answers a document. Whatever it holds can run nothing, load nothing and reach nothing, unless it says what it may. */
export const sendDocument = (response: ServerResponse, { body, headers }: ViewDocument): void => {
  const sealed = { "content-security-policy": "default-src 'none'; frame-ancestors 'self'; sandbox" };
  response.writeHead(200, { ...sealed, ...SAFE, "referrer-policy": "no-referrer", ...headers });
  response.end(body);
};

const TITLES: Record<number, string> = {
  400: "That cannot be done",
  403: "Not from there",
  404: "Not here",
  405: "Not this way",
  413: "Too large",
  415: "Not JSON",
  500: "The console failed",
};

/** Answers a problem document (RFC 9457). */
export const problem = (response: ServerResponse, status: number, detail: string): void => {
  const body = { type: "about:blank", title: TITLES[status] ?? "That cannot be done", status, detail };
  // a body that was not read whole would be taken for the next request
  const close = status === 413 ? { connection: "close" } : {};
  response.writeHead(status, { "content-type": "application/problem+json", ...SAFE, ...close });
  response.end(JSON.stringify(body));
};

/**
 * Refuses what a page elsewhere sent. The front door lets in only names of this machine, so a rebound name never comes this
 * far; a browser states the origin of whatever it posts, and where a request comes from.
 */
export const checkOrigin = ({ headers }: IncomingMessage): void => {
  const site = headers["sec-fetch-site"];
  const { origin, host } = headers;
  const foreign = origin !== undefined && URL.parse(origin)?.host !== host;
  if (foreign || (site !== undefined && site !== "same-origin" && site !== "none")) {
    throw new Refusal(
      403,
      "The console answers its own pages and programs on this machine, not other sites.",
    );
  }
};

/** The JSON object a request brings; an empty body is an empty object. */
export const readInput = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new Refusal(415, "An action takes its input as application/json.");
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Refusal(413, "An action's input may take 1 MB.");
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    const value: unknown = JSON.parse(text === "" ? "{}" : text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // said below
  }
  throw new Refusal(400, "The input is not a JSON object.");
};
