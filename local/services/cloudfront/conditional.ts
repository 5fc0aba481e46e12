import { type EdgeResponse, type Header, headerOf, withoutHeaders } from "../../front/exchange.ts";

const weak = (tag: string) => tag.trim().replace(/^W\//, "");

const unchanged = (request: readonly Header[], response: readonly Header[]): boolean => {
  const etag = headerOf(response, "etag");
  const match = headerOf(request, "if-none-match");
  if (match !== undefined) {
    return (
      etag !== undefined && match.split(",").some((tag) => tag.trim() === "*" || weak(tag) === weak(etag))
    );
  }
  const since = Date.parse(headerOf(request, "if-modified-since") ?? "");
  const modified = Date.parse(headerOf(response, "last-modified") ?? "");
  return !Number.isNaN(since) && !Number.isNaN(modified) && modified <= since;
};

const slice = (response: EdgeResponse, range: string, body: Buffer): EdgeResponse => {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(range.trim()) ?? [];
  // Several ranges, or none that can be read: the whole body is a lawful answer.
  if (from === "" && to === "") return response;
  const size = body.length;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (start >= size || end < start) {
    return { ...response, status: 416, headers: [["Content-Range", `bytes */${size}`]], body: "" };
  }
  const headers = [...response.headers, ["Content-Range", `bytes ${start}-${end}/${size}`] as const];
  return { ...response, status: 206, headers, body: body.subarray(start, end + 1) };
};

/** Answers `If-None-Match`, `If-Modified-Since` and a single `Range` from a whole 200. */
export const applyConditions = (
  method: string,
  request: readonly Header[],
  response: EdgeResponse,
): EdgeResponse => {
  if (response.status !== 200 || (method !== "GET" && method !== "HEAD")) return response;
  if (unchanged(request, response.headers)) {
    const headers = withoutHeaders(
      response.headers,
      new Set(["content-type", "content-encoding", "content-length"]),
    );
    return { ...response, status: 304, headers, body: "" };
  }
  const range = headerOf(request, "range");
  if (range === undefined || !Buffer.isBuffer(response.body) || method === "HEAD") return response;
  if (headerOf(response.headers, "accept-ranges") !== "bytes") return response;
  const condition = headerOf(request, "if-range");
  if (condition !== undefined && condition !== headerOf(response.headers, "etag")) return response;
  return slice(response, range, response.body);
};
