import type { EdgeRequest, EdgeResponse, Header } from "../../front/exchange.ts";
import { page } from "../../front/reply.ts";
import type { Cloud } from "../../kit/cloud.ts";
import type { Origin } from "./distribution.ts";
import { httpOrigin } from "./http-origin.ts";
import { bucketOfDomain, fromBucket } from "./s3-origin.ts";
import type { Site } from "./sites.ts";
import { type StaticResponse, serveFile } from "./static-files.ts";
import type { ViewerRequest } from "./viewer-event.ts";

/** Answers a request for an API's host, or nothing when no API of the graph has that host. */
export type RestByHost = (request: EdgeRequest) => Promise<EdgeResponse> | EdgeResponse | undefined;

export interface OriginOptions {
  readonly rest: RestByHost;
  /** A development server that stands in for a static site's bucket. */
  readonly staticOrigin?: (siteName: string) => URL | undefined;
}

/** A request on its way to an origin. */
export interface OriginCall {
  /** ARN of the distribution that asks. */
  readonly from: string;
  readonly origin: Origin;
  readonly request: EdgeRequest;
  readonly viewer: ViewerRequest;
  readonly uri: string;
  readonly query: string;
  readonly headers: readonly Header[];
  readonly forwardsHost: boolean;
}

/** An address CloudFront calls from (130.176.0.0/16 is its own): what an API behind it takes for the caller's. */
export const EDGE_IP = "130.176.1.1";

const developed = (url: URL, call: OriginCall): Promise<EdgeResponse> => {
  // The development server has its own fallback: it gets what the viewer asked, not what the bucket would have been.
  const target = new URL(url);
  target.pathname = call.request.path;
  target.search = call.request.query;
  const headers = call.request.headers.filter(([name]) => name.toLowerCase() !== "host");
  return httpOrigin(target, call.request.method, [...headers, ["Host", target.host]], call.request.body);
};

const LOCALLY_UNSERVED = /\.(amazonaws\.com|on\.aws|cloudfront\.net)$/;

const asApiCall = ({ request, query, headers }: OriginCall, host: string, path: string): EdgeRequest => ({
  ...request,
  host,
  path,
  query,
  headers,
  sourceIp: EDGE_IP,
});

/** Fetches from whatever an origin's domain stands for: an API of the graph, a site's files, a bucket, a plain URL. */
export const createOrigins = (cloud: Cloud, sites: readonly Site[], options: OriginOptions) => {
  const byDomain = Map.groupBy(sites, (site) => site.bucketDomain);
  return async (call: OriginCall): Promise<StaticResponse> => {
    const { origin, request } = call;
    // CloudFront takes bodies larger than the front door keeps. An API refuses them as itself; nobody else gets to see them.
    const refused = request.oversized ? tooLarge() : undefined;
    const domain = origin.domainName.toLowerCase();
    const path = `${origin.path}${call.uri}`;
    const found = byDomain.get(domain);
    if (found) {
      const server = found.map((site) => options.staticOrigin?.(site.name)).find((url) => url !== undefined);
      return server ? (refused ?? developed(server, call)) : serveFile(found, path, request.method);
    }
    const bucket = bucketOfDomain(cloud, domain);
    if (bucket !== undefined) return refused ?? fromBucket(cloud, bucket, { ...call, uri: path });
    const api = await options.rest(asApiCall(call, domain, path));
    // An API refuses a Host that is not its own: a policy that forwards the viewer's gets 403.
    if (api) return call.forwardsHost ? forbidden() : api;
    if (domain === "" || domain.endsWith(".sst.dev") || LOCALLY_UNSERVED.test(domain)) {
      return page(
        502,
        "No route leads here",
        `No route of the router serves ${request.path}, or nothing local serves ${domain}.`,
      );
    }
    const url = new URL(
      `${origin.protocol}://${origin.domainName}${path}${call.query === "" ? "" : `?${call.query}`}`,
    );
    if (refused) return refused;
    const host: Header = ["Host", call.forwardsHost ? request.host : url.host];
    return httpOrigin(url, request.method, [...call.headers, host], request.body);
  };
};

const tooLarge = () => page(413, "413 Content Too Large", "A request body may take 10,485,760 bytes here.");

const forbidden = (): EdgeResponse => ({
  status: 403,
  headers: [["Content-Type", "application/json"]],
  body: '{"message":"Forbidden"}',
});
