import { accessLogs, deliverEdgeLogs, ownedBucket, sealBucket } from "./buckets.ts";
import { apiFirewall, edgeFirewall } from "./firewall.ts";
import { securityHeaders } from "./headers.ts";
import type { Platform } from "./platform.ts";
import { shortDomains } from "./settings.ts";
import { production } from "./stage.ts";

/** The front door: the web app under /app, everything else to the API. */
export function edge(base: Platform) {
  base.close();
  const headers = securityHeaders();
  const [name, ...aliases] = shortDomains();
  const router = new sst.aws.Router("Edge", {
    ...(name !== undefined && { domain: { name, aliases } }),
    ...(production() && { waf: { logging: true } }),
    edge: { viewerRequest: { injection: $interpolate`${toApp}${base.edgeKey.injection}` } },
    transform: {
      ...edgeFirewall(),
      // The visitor's country and scheme reach the origin only as part of the cache key.
      cachePolicy: (policy) => {
        policy.parametersInCacheKeyAndForwardedToOrigin = {
          cookiesConfig: { cookieBehavior: "none" },
          headersConfig: {
            headerBehavior: "whitelist",
            headers: {
              items: ["x-forwarded-host", "cloudfront-viewer-country", "cloudfront-forwarded-proto"],
            },
          },
          queryStringsConfig: { queryStringBehavior: "all" },
          enableAcceptEncodingBrotli: true,
          enableAcceptEncodingGzip: true,
        };
      },
      cdn: (cdn) => {
        // CloudFront keeps an error for 10 s whatever the origin says: a code looked up too early would stay a 404.
        cdn.customErrorResponses = UNCACHED.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 }));
        cdn.defaultCacheBehavior = $util
          .output(cdn.defaultCacheBehavior)
          .apply((behavior) => ({ ...behavior, responseHeadersPolicyId: headers.id }));
        // SST's placeholder, which no request reaches: were one to, not in the clear.
        cdn.origins = $util.output(cdn.origins).apply((origins) =>
          origins.map((origin) => ({
            ...origin,
            ...(origin.customOriginConfig && {
              customOriginConfig: { ...origin.customOriginConfig, originProtocolPolicy: "https-only" },
            }),
          })),
        );
      },
    },
  });
  if (production()) apiFirewall(base, base.edgeKey.value);
  // The stage is part of a REST API's path; the edge puts it there.
  router.route("/", base.api.url, { rewrite: { regex: "^/(.*)$", to: `/${$app.stage}/$1` } });
  web(router);
  return { router };
}

// Every error that CloudFront would otherwise keep.
const UNCACHED = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

const toApp = `
  if (event.request.uri === "/") {
    return { statusCode: 302, statusDescription: "Found", headers: { location: { value: "/app/" } } };
  }`;

/** The web app's files, and who asked for them. */
const web = (router: sst.aws.Router) => {
  const distribution = router.nodes.cdn.apply((cdn) => cdn.nodes.distribution);
  const site = new sst.aws.StaticSite("Web", {
    path: ".",
    build: { command: "npm run build", output: "web/dist" },
    router: { instance: router, path: "/app" },
    indexPage: "index.html",
    transform: {
      assets: ownedBucket({
        principals: [{ type: "service", identifiers: ["cloudfront.amazonaws.com"] }],
        actions: ["s3:GetObject"],
        paths: ["*"],
        conditions: [{ test: "StringEquals", variable: "aws:SourceArn", values: [distribution.arn] }],
      }),
    },
  });
  const logs = accessLogs();
  const files = site.nodes.assets;
  if (files) sealBucket("Web", files, logs);
  deliverEdgeLogs(distribution.arn, logs);
};
