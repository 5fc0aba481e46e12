import { randomBytes } from "node:crypto";
import {
  type EdgeHandler,
  type EdgeRequest,
  type EdgeResponse,
  type Header,
  headerOf,
  withoutHeaders,
} from "../../front/exchange.ts";
import { page } from "../../front/reply.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { applyConditions } from "./conditional.ts";
import { type Behavior, behaviorFor, readDistributions } from "./distribution.ts";
import { type CachedResponse, createEdgeCache } from "./edge-cache.ts";
import { type Edge, type EdgeOptions, fromOrigin } from "./edge-origin.ts";
import { readKeyValueStores } from "./key-values.ts";
import { cacheKeyOf, encodingsOf } from "./origin-request.ts";
import { createOrigins } from "./origins.ts";
import { takes } from "./policies.ts";
import { readSites } from "./sites.ts";
import { type ViewerRequest, viewerHeaders } from "./viewer-event.ts";
import { type Exchange, runViewerRequest, runViewerResponse } from "./viewer-functions.ts";

/** A distribution ready to answer. */
export interface DistributionHandler {
  readonly id: string;
  readonly arn: string;
  /** Its own domain and its aliases, lower case. */
  readonly hosts: readonly string[];
  readonly handle: EdgeHandler;
  /** Forgets cached paths, as an invalidation does. */
  invalidate(paths: readonly string[]): void;
}

/** Headers only CloudFront may set are taken off; those a policy names are put on. */
const viewerOf = (
  request: EdgeRequest,
  behavior: Behavior,
  generated: ReadonlyMap<string, Header>,
): ViewerRequest => {
  const headers = request.headers.filter(([name]) => !/^(cloudfront-|x-amz-cf-|x-edge-)/i.test(name));
  for (const [lower, header] of generated) {
    const keyed = behavior.cache.headers.behavior === "some" && takes(behavior.cache.headers, lower);
    if (keyed || behavior.forward?.generated.has(lower)) headers.push(header);
  }
  return { method: request.method, uri: request.path, query: request.query, headers };
};

/** The last steps, for cached and fetched answers alike. */
const respond = async (
  edge: Edge,
  exchange: Exchange,
  response: EdgeResponse,
  state: string,
): Promise<EdgeResponse> => {
  const { request, behavior } = exchange;
  const conditioned = applyConditions(request.method, request.headers, response);
  const kept = withoutHeaders(conditioned.headers, new Set(["via", "x-cache"]));
  const headers: Header[] = [
    ...behavior.headers(kept, headerOf(request.headers, "origin")),
    ["X-Cache", `${state} from cloudfront`],
    ["Via", edge.via],
    ["X-Amz-Cf-Pop", "LOCAL50-C1"],
    ["X-Amz-Cf-Id", exchange.id],
  ];
  const answered = await runViewerResponse(edge.cloud, exchange, { ...conditioned, headers });
  const detail = { ...response.detail, edge: state, origin: response.node };
  return { ...answered, node: edge.distribution.arn, detail };
};

const fromCache = (edge: Edge, exchange: Exchange, entry: CachedResponse): Promise<EdgeResponse> => {
  const age = Math.floor((edge.cloud.clock.now() - entry.storedMs) / 1000);
  const headers: Header[] = [...entry.headers, ["Age", String(age)]];
  const response = { status: entry.status, headers, body: entry.body };
  return respond(edge, exchange, response, entry.status >= 400 ? "Error" : "Hit");
};

const countryOf = ({ viewerCountry, viewerCountryHeader }: EdgeOptions, request: EdgeRequest): string => {
  const named = viewerCountryHeader ? headerOf(request.headers, viewerCountryHeader) : undefined;
  return named && /^[A-Za-z]{2}$/.test(named) ? named.toUpperCase() : (viewerCountry ?? "US");
};

const refusal = ({ behavior, request }: Exchange): EdgeResponse | undefined =>
  behavior.allowed.has(request.method)
    ? undefined
    : page(403, "403 Forbidden", "This distribution does not allow the method.");

const handle = async (edge: Edge, incoming: EdgeRequest): Promise<EdgeResponse> => {
  const { cloud, distribution, options } = edge;
  const { rootObject } = distribution;
  const request = incoming.path === "/" && rootObject ? { ...incoming, path: `/${rootObject}` } : incoming;
  const behavior = behaviorFor(distribution, request.path);
  const generated = viewerHeaders(request, countryOf(options, request));
  const id = `${randomBytes(39).toString("base64url")}==`;
  const viewer = viewerOf(request, behavior, generated);
  const exchange: Exchange = { request, behavior, generated, id, viewer, origin: behavior.origin };
  const refused = refusal(exchange);
  if (refused) return respond(edge, exchange, refused, "Error");
  const answered = await runViewerRequest(cloud, distribution, exchange);
  if (answered) return { ...answered, node: distribution.arn };
  const encodings = encodingsOf(behavior.cache, headerOf(request.headers, "accept-encoding"));
  const key = behavior.cached.has(request.method)
    ? cacheKeyOf(behavior, exchange.viewer, encodings)
    : undefined;
  const entry = key === undefined ? undefined : await edge.cache.get(key);
  if (entry) return fromCache(edge, exchange, entry);
  // HEAD is answered from a kept GET, but leaves nothing to keep.
  const response = await fromOrigin(edge, exchange, request.method === "GET" ? key : undefined, encodings);
  return respond(edge, exchange, response, response.status >= 400 ? "Error" : "Miss");
};

const createHandler = (edge: Edge): DistributionHandler => ({
  id: edge.distribution.id,
  arn: edge.distribution.arn,
  hosts: [edge.distribution.domainName, ...edge.distribution.aliases],
  handle: (request) => handle(edge, request),
  invalidate: (paths) => edge.cache.invalidate(paths),
});

/** Every distribution of the graph; the first stands for the app when a host names none. */
export const createDistributions = (cloud: Cloud, options: EdgeOptions): DistributionHandler[] => {
  const sites = readSites(cloud.graph, options.appRoot ?? process.cwd());
  const stores = readKeyValueStores(cloud.graph, sites);
  const fetchOrigin = createOrigins(cloud, sites, options);
  return readDistributions(cloud, stores).map((distribution) => {
    const cache = createEdgeCache(cloud.clock);
    const via = `1.1 ${distribution.id.toLowerCase()}.cloudfront.net (CloudFront)`;
    return createHandler({ cloud, distribution, cache, fetchOrigin, options, via });
  });
};
