import { Readable } from "node:stream";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { EdgeRequest, EdgeResponse, Header } from "../../front/exchange.ts";
import { text } from "../../front/read.ts";
import { page } from "../../front/reply.ts";
import { byType } from "../../graph/graph.ts";
import type { Cloud } from "../../kit/cloud.ts";
import type { Origin } from "./distribution.ts";
import { httpOrigin } from "./http-origin.ts";
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

const s3Bucket = (cloud: Cloud, domain: string): string | undefined => {
  const buckets = [
    ...byType(cloud.graph, "aws:s3/bucket:Bucket"),
    ...byType(cloud.graph, "aws:s3/bucketV2:BucketV2"),
  ];
  const found = buckets.find(
    ({ outputs }) => outputs.bucketRegionalDomainName === domain || outputs.bucketDomainName === domain,
  );
  return found ? (text(found.outputs.bucket) ?? found.id) : undefined;
};

/** A segment of a path as signatures encode it, however the viewer did. */
const encodeStrictly = (segment: string): string => {
  let plain = segment;
  try {
    plain = decodeURIComponent(segment);
  } catch {
    // S3 refuses it by itself
  }
  return encodeURIComponent(plain).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
};

/** A bucket without a build folder is read from the local S3, signed as origin access control would. */
const fromBucket = async (cloud: Cloud, bucket: string, call: OriginCall): Promise<EdgeResponse> => {
  const url = new URL(`${cloud.endpoint}/${bucket}${call.uri}${call.query === "" ? "" : `?${call.query}`}`);
  const { accessKeyId, secretAccessKey } = cloud.credentials.developer;
  const signer = new SignatureV4({
    service: "s3",
    region: cloud.graph.region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    uriEscapePath: false,
  });
  const signed = await signer.sign({
    method: call.request.method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname.split("/").map(encodeStrictly).join("/"),
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
  });
  // S3 takes no header for its own that was not signed: a viewer's are not passed on
  const kept = call.headers.filter(([name]) => !/^(host|authorization|x-amz-.*)$/i.test(name));
  const headers: Header[] = [...kept, ...Object.entries(signed.headers)];
  const answer = await httpOrigin(url, call.request.method, headers, call.request.body);
  if (answer.status !== 404) return answer;
  // a distribution may read objects and not list them: S3 does not tell it which are missing
  if (answer.body instanceof Readable) answer.body.resume();
  return { status: 403, headers: [["Content-Type", "application/xml"]], body: DENIED };
};

const DENIED =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';

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
    const bucket = s3Bucket(cloud, domain);
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
