import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type EdgeResponse, type Header, headerOf, withoutHeaders } from "../../front/exchange.ts";

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

// "File types that CloudFront compresses", CloudFront developer guide, by family.
const COMPRESSIBLE =
  /^(text\/.+|application\/(javascript|x-javascript|json|ld\+json|manifest\+json|xml|xhtml\+xml|rss\+xml|atom\+xml|wasm|problem\+json|vnd\.ms-fontobject|x-font-.+|font.*|graphql)|font\/(otf|ttf|opentype|truetype|eot)|image\/(svg\+xml|bmp|x-icon|vnd\.microsoft\.icon))$/;
const MIN_BYTES = 1_000;
const MAX_BYTES = 10_000_000;
/** Static files are compressed once and kept: a middling quality is worth it. */
const BROTLI_QUALITY = 5;

const COMPRESSED_STATUS = new Set([200, 403, 404]);

/** Compresses an answer as the edge does: by type and size, unless the origin already has. */
export const compress = async (response: EdgeResponse, encodings: string): Promise<EdgeResponse> => {
  const { body, headers, status } = response;
  if (encodings === "" || !Buffer.isBuffer(body) || !COMPRESSED_STATUS.has(status)) return response;
  if (body.length < MIN_BYTES || body.length > MAX_BYTES) return response;
  if (headerOf(headers, "content-encoding") !== undefined) return response;
  const type = headerOf(headers, "content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (!COMPRESSIBLE.test(type)) return response;
  const brotli = encodings.startsWith("br");
  const smaller = brotli
    ? await brotliAsync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })
    : await gzipAsync(body);
  const etag = headerOf(headers, "etag");
  const kept: Header[] = withoutHeaders(
    headers,
    new Set(["etag", "content-length", "vary", "accept-ranges"]),
  );
  kept.push(["Content-Encoding", brotli ? "br" : "gzip"], ["Vary", "Accept-Encoding"]);
  // A compressed body is the same only in meaning: its tag becomes weak.
  if (etag !== undefined) kept.push(["ETag", etag.startsWith("W/") ? etag : `W/${etag}`]);
  return { ...response, headers: kept, body: smaller };
};
