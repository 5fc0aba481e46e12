import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
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
import { compress } from "./compress.ts";
import { applyConditions } from "./conditional.ts";
import { type Behavior, type Distribution, type Origin, readDistributions } from "./distribution.ts";
import { type CachedResponse, createEdgeCache, ttlOf } from "./edge-cache.ts";
import type { FunctionOutcome, OriginChange } from "./edge-function.ts";
import { readKeyValueStores } from "./key-values.ts";
import { cacheKeyOf, encodingsOf, originRequestOf } from "./origin-request.ts";
import { createOrigins, type OriginOptions } from "./origins.ts";
import { takes } from "./policies.ts";
import { readSites } from "./sites.ts";
import type { StaticResponse } from "./static-files.ts";
import {
  fromFunctionRequest,
  fromFunctionResponse,
  toFunctionRequest,
  type ViewerRequest,
  viewerHeaders,
} from "./viewer-event.ts";

/** How the edge sees its viewers. */
export interface EdgeOptions extends OriginOptions {
  /** Two letters; what CloudFront-Viewer-Country says. */
  readonly viewerCountry?: string;
  /** A request header (lower case) that may name the country instead. Trusted only because it was named here. */
  readonly viewerCountryHeader?: string;
  /** The app's folder, which build folders are relative to; the working directory by default. */
  readonly appRoot?: string;
}

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

/** Everything one exchange carries along. */
interface Exchange {
  readonly request: EdgeRequest;
  readonly behavior: Behavior;
  readonly generated: ReadonlyMap<string, Header>;
  readonly id: string;
  viewer: ViewerRequest;
  origin: Origin;
}

const MAX_BUFFERED = 16 * 1024 * 1024;

const changedOrigin = (origin: Origin, change: OriginChange | undefined): Origin => {
  if (!change) return origin;
  const port = change.customOriginConfig?.port;
  const protocol = change.customOriginConfig?.protocol ?? origin.protocol;
  const domain = change.domainName ?? origin.domainName;
  const usual = port === undefined || port === (protocol === "https" ? 443 : 80) || domain.includes(":");
  return {
    domainName: usual ? domain : `${domain}:${port}`,
    path: change.originPath ?? (change.domainName === undefined ? origin.path : ""),
    protocol: protocol === "http" ? "http" : "https",
    headers: change.customHeaders ? Object.entries(change.customHeaders) : origin.headers,
  };
};

const isAnswer = (
  result: FunctionOutcome["result"],
): result is Extract<FunctionOutcome["result"], { statusCode: number }> => "statusCode" in result;

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

/** Runs the viewer-request function: it may answer, or change the request and its origin. */
const runViewerRequest = async (
  cloud: Cloud,
  distribution: Distribution,
  exchange: Exchange,
): Promise<EdgeResponse | undefined> => {
  const run = exchange.behavior.viewerRequest;
  if (!run) return undefined;
  const event = {
    version: "1.0",
    context: {
      distributionDomainName: distribution.domainName,
      distributionId: distribution.id,
      eventType: "viewer-request",
      requestId: exchange.id,
    },
    viewer: { ip: exchange.request.sourceIp },
    request: toFunctionRequest(exchange.viewer),
  };
  try {
    const { result, origin } = await run(event);
    if (isAnswer(result)) {
      const answer = fromFunctionResponse(result);
      return {
        ...answer,
        headers: [...answer.headers, ["X-Cache", "FunctionGeneratedResponse from cloudfront"]],
      };
    }
    exchange.viewer = fromFunctionRequest(result, exchange.viewer);
    exchange.origin = changedOrigin(exchange.origin, origin);
    return undefined;
  } catch (error) {
    cloud.print(
      `cloudfront function of ${distribution.id}: ${error instanceof Error ? error.message : String(error)}`,
    );
    const failed = page(
      503,
      "503 Service Unavailable",
      "The CloudFront function of this distribution could not run.",
    );
    return { ...failed, headers: [...failed.headers, ["X-Cache", "FunctionExecutionError from cloudfront"]] };
  }
};

const runViewerResponse = async (
  cloud: Cloud,
  exchange: Exchange,
  response: EdgeResponse,
): Promise<EdgeResponse> => {
  const run = exchange.behavior.viewerResponse;
  if (!run) return response;
  const headers: Record<string, { value: string; multiValue?: { value: string }[] }> = {};
  for (const [name, value] of response.headers) {
    const lower = name.toLowerCase();
    if (lower !== "set-cookie") headers[lower] = { value };
  }
  const event = {
    version: "1.0",
    context: { eventType: "viewer-response", requestId: exchange.id },
    viewer: { ip: exchange.request.sourceIp },
    request: toFunctionRequest(exchange.viewer),
    response: { statusCode: response.status, headers, cookies: {} },
  };
  try {
    const { result } = await run(event);
    if (!isAnswer(result)) return response;
    const cookies = response.headers.filter(([name]) => name.toLowerCase() === "set-cookie");
    const changed = fromFunctionResponse(result);
    return {
      ...response,
      status: changed.status,
      headers: [...changed.headers, ...cookies],
      ...(result.body === undefined ? {} : { body: changed.body ?? "" }),
    };
  } catch (error) {
    cloud.print(
      `cloudfront viewer-response function: ${error instanceof Error ? error.message : String(error)}`,
    );
    return page(
      503,
      "503 Service Unavailable",
      "The CloudFront function of this distribution could not run.",
    );
  }
};

const asBuffer = async (response: StaticResponse, wanted: boolean): Promise<StaticResponse> => {
  const { body } = response;
  if (Buffer.isBuffer(body)) return response;
  if (!(body instanceof Readable)) return { ...response, body: Buffer.from(body ?? "") };
  const length = Number(headerOf(response.headers, "content-length"));
  return wanted && length <= MAX_BUFFERED ? { ...response, body: await buffer(body) } : response;
};

const createHandler = (
  cloud: Cloud,
  distribution: Distribution,
  fetchOrigin: ReturnType<typeof createOrigins>,
  options: EdgeOptions,
): DistributionHandler => {
  const cache = createEdgeCache(cloud.clock);
  const via = `1.1 ${distribution.id.toLowerCase()}.cloudfront.net (CloudFront)`;

  const callOrigin = (
    exchange: Exchange,
    viewer: ViewerRequest,
    encodings: string,
  ): Promise<StaticResponse> => {
    const sent = originRequestOf(exchange.behavior, viewer, exchange.generated, {
      encodings,
      clientIp: exchange.request.sourceIp,
      via,
      id: exchange.id,
      customHeaders: exchange.origin.headers,
    });
    return fetchOrigin({
      origin: exchange.origin,
      request: exchange.request,
      viewer,
      uri: viewer.uri,
      query: sent.query,
      headers: sent.headers,
      forwardsHost: sent.forwardsHost,
    });
  };

  /** A custom error page is fetched through the behaviour of its own path. */
  const errorPage = async (exchange: Exchange, response: StaticResponse): Promise<StaticResponse> => {
    const custom = distribution.errors.get(response.status);
    if (!custom?.path) return response;
    const behavior = behaviorFor(custom.path);
    const viewer = { ...exchange.viewer, method: "GET", uri: custom.path, query: "" };
    const own: Exchange = { ...exchange, behavior, viewer, origin: behavior.origin };
    if (await runViewerRequest(cloud, distribution, own)) return response;
    const found = await callOrigin(own, own.viewer, "");
    return found.status === 200 ? { ...found, status: custom.status ?? response.status } : response;
  };

  const behaviorFor = (path: string): Behavior => {
    const found = distribution.behaviors.find((b) => b.pattern === undefined || b.pattern.test(path));
    if (!found) throw new Error(`distribution ${distribution.id} has no default behaviour`);
    return found;
  };

  const fromOrigin = async (
    exchange: Exchange,
    key: string | undefined,
    encodings: string,
  ): Promise<StaticResponse> => {
    const first = await callOrigin(exchange, exchange.viewer, encodings);
    const errorTtl = distribution.errors.get(first.status)?.ttl;
    const now = cloud.clock.now();
    const ttl =
      key === undefined ? 0 : ttlOf(exchange.behavior.cache, first.status, first.headers, now, errorTtl);
    const compressing = exchange.behavior.compress && exchange.behavior.cache.maxTtl > 0 ? encodings : "";
    const whole = await asBuffer(await errorPage(exchange, first), ttl > 0 || compressing !== "");
    const { stillValid } = whole;
    const response: StaticResponse = {
      ...(await compress(whole, compressing)),
      ...(stillValid ? { stillValid } : {}),
    };
    if (key !== undefined && ttl > 0 && Buffer.isBuffer(response.body) && !hasPersonalCookie(response)) {
      const { status, headers, body } = response;
      cache.set(key, {
        status,
        headers,
        body,
        storedMs: now,
        ttlMs: ttl * 1000,
        ...(stillValid ? { stillValid } : {}),
      });
    }
    return response;
  };

  // A response that sets a cookie is kept by CloudFront too: only "no-cache=Set-Cookie" style directives keep it out.
  const hasPersonalCookie = (response: EdgeResponse): boolean =>
    /no-cache\s*=\s*"?set-cookie/i.test(headerOf(response.headers, "cache-control") ?? "");

  const respond = async (
    exchange: Exchange,
    response: EdgeResponse,
    state: string,
  ): Promise<EdgeResponse> => {
    const origin = headerOf(exchange.request.headers, "origin");
    const conditioned = applyConditions(exchange.request.method, exchange.request.headers, response);
    const kept = withoutHeaders(conditioned.headers, new Set(["via", "x-cache"]));
    const headers: Header[] = [
      ...exchange.behavior.headers(kept, origin),
      ["X-Cache", `${state} from cloudfront`],
      ["Via", via],
      ["X-Amz-Cf-Pop", "LOCAL50-C1"],
      ["X-Amz-Cf-Id", exchange.id],
    ];
    const answered = await runViewerResponse(cloud, exchange, { ...conditioned, headers });
    return {
      ...answered,
      node: distribution.arn,
      detail: { ...response.detail, edge: state, origin: response.node },
    };
  };

  const hit = (exchange: Exchange, entry: CachedResponse): Promise<EdgeResponse> => {
    const age = Math.floor((cloud.clock.now() - entry.storedMs) / 1000);
    const headers: Header[] = [...entry.headers, ["Age", String(age)]];
    const state = entry.status >= 400 ? "Error" : "Hit";
    return respond(exchange, { status: entry.status, headers, body: entry.body }, state);
  };

  const country = (request: EdgeRequest): string => {
    const named = options.viewerCountryHeader
      ? headerOf(request.headers, options.viewerCountryHeader)
      : undefined;
    return named && /^[A-Za-z]{2}$/.test(named) ? named.toUpperCase() : (options.viewerCountry ?? "US");
  };

  const handle = async (incoming: EdgeRequest): Promise<EdgeResponse> => {
    const { rootObject } = distribution;
    const request = incoming.path === "/" && rootObject ? { ...incoming, path: `/${rootObject}` } : incoming;
    const behavior = behaviorFor(request.path);
    const generated = viewerHeaders(request, country(request));
    const id = `${randomBytes(39).toString("base64url")}==`;
    const viewer = viewerOf(request, behavior, generated);
    const exchange: Exchange = { request, behavior, generated, id, viewer, origin: behavior.origin };
    if (!behavior.allowed.has(request.method)) {
      return respond(
        exchange,
        page(403, "403 Forbidden", "This distribution does not allow the method."),
        "Error",
      );
    }
    if (request.oversized) {
      return respond(
        exchange,
        page(413, "413 Content Too Large", "A request body may take 10,485,760 bytes here."),
        "Error",
      );
    }
    const answered = await runViewerRequest(cloud, distribution, exchange);
    if (answered) return { ...answered, node: distribution.arn };
    const accept = headerOf(request.headers, "accept-encoding");
    const encodings = encodingsOf(behavior.cache, accept);
    const cacheable = behavior.cached.has(request.method);
    const key = cacheable ? cacheKeyOf(behavior, exchange.viewer, encodings) : undefined;
    const entry = key === undefined ? undefined : await cache.get(key);
    if (entry) return hit(exchange, entry);
    const response = await fromOrigin(exchange, request.method === "GET" ? key : undefined, encodings);
    return respond(exchange, response, response.status >= 400 ? "Error" : "Miss");
  };

  return {
    id: distribution.id,
    arn: distribution.arn,
    hosts: [distribution.domainName, ...distribution.aliases],
    handle,
    invalidate: (paths) => cache.invalidate(paths),
  };
};

/** Every distribution of the graph; the first stands for the app when a host names none. */
export const createDistributions = (cloud: Cloud, options: EdgeOptions): DistributionHandler[] => {
  const sites = readSites(cloud.graph, options.appRoot ?? process.cwd());
  const stores = readKeyValueStores(cloud.graph, sites);
  const fetchOrigin = createOrigins(cloud, sites, options);
  return readDistributions(cloud, stores).map((d) => createHandler(cloud, d, fetchOrigin, options));
};
