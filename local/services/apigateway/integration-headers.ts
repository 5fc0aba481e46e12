import { type EdgeRequest, type Header, headerOf } from "../../front/exchange.ts";
import type { RestApi } from "./model.ts";

// API Gateway developer guide, "Important notes": these never reach an integration.
const DROPPED = new Set([
  "connection",
  "content-length",
  "content-md5",
  "expect",
  "keep-alive",
  "max-forwards",
  "proxy-authenticate",
  "proxy-connection",
  "server",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "www-authenticate",
]);

const REPLACED = new Set([
  "x-forwarded-for",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-amzn-trace-id",
  "host",
]);

// API Gateway writes these two in this case, however they were sent.
const CAPITALISED = new Map([
  ["authorization", "Authorization"],
  ["user-agent", "User-Agent"],
]);

const edgeHeaders = (request: EdgeRequest, country: string): Header[] => [
  ["CloudFront-Forwarded-Proto", "https"],
  ["CloudFront-Is-Desktop-Viewer", "true"],
  ["CloudFront-Is-Mobile-Viewer", "false"],
  ["CloudFront-Is-SmartTV-Viewer", "false"],
  ["CloudFront-Is-Tablet-Viewer", "false"],
  ["CloudFront-Viewer-ASN", "64496"],
  ["CloudFront-Viewer-Country", headerOf(request.headers, "cloudfront-viewer-country") ?? country],
];

/** The request's headers as an integration sees them: what API Gateway drops, renames and adds. */
export const integrationHeaders = (
  api: RestApi,
  request: EdgeRequest,
  domainName: string,
  country: string,
): Header[] => {
  const kept: Header[] = [];
  for (const header of request.headers) {
    const lower = header[0].toLowerCase();
    if (DROPPED.has(lower) || REPLACED.has(lower)) continue;
    if (api.edge && lower.startsWith("cloudfront-")) continue;
    const name = CAPITALISED.get(lower);
    kept.push(name && name !== header[0] ? [name, header[1]] : header);
  }
  const forwarded = headerOf(request.headers, "x-forwarded-for");
  if (api.edge) kept.push(...edgeHeaders(request, country));
  kept.push(
    ["Host", domainName],
    ["X-Amzn-Trace-Id", request.trace],
    ["X-Forwarded-For", forwarded ? `${forwarded}, ${request.sourceIp}` : request.sourceIp],
    ["X-Forwarded-Port", "443"],
    ["X-Forwarded-Proto", "https"],
  );
  return kept;
};
