import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { LRUCache } from "lru-cache";
import { decode, type EdgeResponse, type Header } from "../../front/exchange.ts";
import { page } from "../../front/reply.ts";
import type { Site } from "./sites.ts";

// SST's own table (`getContentType`), so that a file added since the graph was made gets the type a deploy would give it.
const TYPES: Readonly<Record<string, string>> = {
  ".apng": "image/apng",
  ".avif": "image/avif",
  ".bmp": "image/bmp",
  ".css": "text/css;charset=UTF-8",
  ".eot": "application/vnd.ms-fontobject",
  ".gif": "image/gif",
  ".htm": "text/html;charset=UTF-8",
  ".html": "text/html;charset=UTF-8",
  ".ico": "image/vnd.microsoft.icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript;charset=UTF-8",
  ".json": "application/json;charset=UTF-8",
  ".jsonld": "application/ld+json;charset=UTF-8",
  ".mjs": "text/javascript;charset=UTF-8",
  ".otf": "font/otf",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml;charset=UTF-8",
  ".tiff": "image/tiff",
  ".ttf": "font/ttf",
  ".txt": "text/plain;charset=UTF-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json;charset=UTF-8",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".xhtml": "application/xhtml+xml;charset=UTF-8",
  ".xml": "application/xml;charset=UTF-8",
  ".zip": "application/zip",
};
const HTML_CACHE = "max-age=0,no-cache,no-store,must-revalidate";
const FILE_CACHE = "max-age=31536000,public,immutable";

interface Stored {
  readonly body: Buffer;
  readonly etag: string;
  readonly mtimeMs: number;
}

// Files of a build are read once and kept while unchanged, within 64 MB.
const stored = new LRUCache<string, Stored>({
  maxSize: 64 * 1024 * 1024,
  sizeCalculation: (file) => file.body.length + 1,
});

const load = async (path: string): Promise<Stored | undefined> => {
  try {
    const info = await stat(path);
    if (!info.isFile()) return undefined;
    const kept = stored.get(path);
    if (kept && kept.mtimeMs === info.mtimeMs && kept.body.length === info.size) return kept;
    const body = await readFile(path);
    const etag = `"${createHash("md5").update(body).digest("hex")}"`;
    const fresh = { body, etag, mtimeMs: info.mtimeMs };
    stored.set(path, fresh);
    return fresh;
  } catch {
    return undefined;
  }
};

/** What S3 says to CloudFront about a key that is not there: it may not list, so it may not tell. */
const denied = (): EdgeResponse => ({
  status: 403,
  headers: [["Content-Type", "application/xml"]],
  body: '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
});

const notBuilt = (site: Site): EdgeResponse =>
  page(
    503,
    "The web app is not built yet",
    `${site.name} has no files in ${site.root ?? "its build folder"}. Build it (npm run build) and reload this page.`,
  );

/** The file behind a key, if the key lies within the site's folder. */
const pathOf = (site: Site, root: string, key: string): string | undefined => {
  const relative = site.prefix === "" ? key : key.slice(site.prefix.length + 1);
  const path = normalize(join(root, relative));
  return path.startsWith(root + sep) && !path.includes("\0") ? path : undefined;
};

/** An answer that holds only while its file is unchanged. */
export interface StaticResponse extends EdgeResponse {
  readonly stillValid?: () => Promise<boolean>;
}

/** GetObject on the bucket of a static site. */
export const serveFile = async (
  sites: readonly Site[],
  uri: string,
  method: string,
): Promise<StaticResponse> => {
  if (method !== "GET" && method !== "HEAD") return { ...denied(), status: 405 };
  const key = decode(uri).replace(/^\/+/, "");
  const site = sites.find((s) => s.prefix === "" || key.startsWith(`${s.prefix}/`)) ?? sites[0];
  if (!site) return denied();
  if (site.root === undefined || !site.exists() || site.keys().size === 0) return notBuilt(site);
  const path = pathOf(site, site.root, key);
  const file = path === undefined ? undefined : await load(path);
  if (!file || path === undefined) return denied();
  const upload = site.uploads.get(key);
  const extension = extname(key).toLowerCase();
  const headers: Header[] = [
    ["Content-Type", upload?.contentType ?? TYPES[extension] ?? "application/octet-stream"],
    ["Cache-Control", upload?.cacheControl ?? (extension === ".html" ? HTML_CACHE : FILE_CACHE)],
    ["ETag", file.etag],
    ["Last-Modified", new Date(file.mtimeMs).toUTCString()],
    ["Accept-Ranges", "bytes"],
    ["Server", "AmazonS3"],
  ];
  const stillValid = async () => (await load(path)) === file;
  return { status: 200, headers, body: file.body, stillValid };
};
