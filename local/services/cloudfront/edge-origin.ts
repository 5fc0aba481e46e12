import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { headerOf } from "../../front/exchange.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { compress } from "./compress.ts";
import { behaviorFor, type Distribution } from "./distribution.ts";
import { type createEdgeCache, ttlOf } from "./edge-cache.ts";
import { originRequestOf } from "./origin-request.ts";
import type { createOrigins, OriginOptions } from "./origins.ts";
import type { StaticResponse } from "./static-files.ts";
import type { ViewerRequest } from "./viewer-event.ts";
import { type Exchange, runViewerRequest } from "./viewer-functions.ts";

/** How the edge sees its viewers. */
export interface EdgeOptions extends OriginOptions {
  /** Two letters; what CloudFront-Viewer-Country says. */
  readonly viewerCountry?: string;
  /** A request header (lower case) that may name the country instead. Trusted only because it was named here. */
  readonly viewerCountryHeader?: string;
  /** The app's folder, which build folders are relative to; the working directory by default. */
  readonly appRoot?: string;
}

/** What one distribution needs to answer. */
export interface Edge {
  readonly cloud: Cloud;
  readonly distribution: Distribution;
  readonly cache: ReturnType<typeof createEdgeCache>;
  readonly fetchOrigin: ReturnType<typeof createOrigins>;
  readonly options: EdgeOptions;
  readonly via: string;
}

const MAX_BUFFERED = 16 * 1024 * 1024;

const asBuffer = async (response: StaticResponse, wanted: boolean): Promise<StaticResponse> => {
  const { body } = response;
  if (Buffer.isBuffer(body)) return response;
  if (!(body instanceof Readable)) return { ...response, body: Buffer.from(body ?? "") };
  const length = Number(headerOf(response.headers, "content-length"));
  return wanted && length <= MAX_BUFFERED ? { ...response, body: await buffer(body) } : response;
};

const callOrigin = (
  edge: Edge,
  exchange: Exchange,
  viewer: ViewerRequest,
  encodings: string,
): Promise<StaticResponse> => {
  const sent = originRequestOf(exchange.behavior, viewer, exchange.generated, {
    encodings,
    clientIp: exchange.request.sourceIp,
    via: edge.via,
    id: exchange.id,
    customHeaders: exchange.origin.headers,
  });
  const { origin, request } = exchange;
  const { query, headers, forwardsHost } = sent;
  const { uri } = viewer;
  const from = edge.distribution.arn;
  return edge.fetchOrigin({ from, origin, request, viewer, uri, query, headers, forwardsHost });
};

/** A custom error page is fetched as its own path would be. */
const errorPage = async (
  edge: Edge,
  exchange: Exchange,
  response: StaticResponse,
): Promise<StaticResponse> => {
  const custom = edge.distribution.errors.get(response.status);
  if (!custom?.path) return response;
  const behavior = behaviorFor(edge.distribution, custom.path);
  const viewer = { ...exchange.viewer, method: "GET", uri: custom.path, query: "" };
  const own: Exchange = { ...exchange, behavior, viewer, origin: behavior.origin };
  if (await runViewerRequest(edge.cloud, edge.distribution, own)) return response;
  const found = await callOrigin(edge, own, own.viewer, "");
  return found.status === 200 ? { ...found, status: custom.status ?? response.status } : response;
};

/** Fetches an answer, keeps it if its lifetime allows (`key`), and compresses it. */
export const fromOrigin = async (
  edge: Edge,
  exchange: Exchange,
  key: string | undefined,
  encodings: string,
): Promise<StaticResponse> => {
  const { cache: policy, compress: wanted } = exchange.behavior;
  const first = await callOrigin(edge, exchange, exchange.viewer, encodings);
  const errorTtl = edge.distribution.errors.get(first.status)?.ttl;
  const now = edge.cloud.clock.now();
  const ttl = key === undefined ? 0 : ttlOf(policy, first.status, first.headers, now, errorTtl);
  // CloudFront does not compress where its policy cannot cache.
  const compressing = wanted && policy.maxTtl > 0 ? encodings : "";
  const whole = await asBuffer(await errorPage(edge, exchange, first), ttl > 0 || compressing !== "");
  const { stillValid } = whole;
  const valid = stillValid ? { stillValid } : {};
  const response: StaticResponse = { ...(await compress(whole, compressing)), ...valid };
  const { status, headers, body } = response;
  if (key !== undefined && ttl > 0 && Buffer.isBuffer(body)) {
    edge.cache.set(key, { status, headers, body, storedMs: now, ttlMs: ttl * 1000, ...valid });
  }
  return response;
};
