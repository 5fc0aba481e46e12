import type { Fields } from "../../front/read.ts";

// "Managed cache policies", "Managed origin request policies" and "Managed response headers policies",
// CloudFront developer guide: the ids are AWS's own, the fields are written as the graph writes custom ones.

const items = (...names: string[]) => ({ items: names });

const cacheKey = (extra: Fields = {}): Fields => ({
  cookiesConfig: { cookieBehavior: "none" },
  headersConfig: { headerBehavior: "none" },
  queryStringsConfig: { queryStringBehavior: "none" },
  enableAcceptEncodingGzip: false,
  enableAcceptEncodingBrotli: false,
  ...extra,
});

const optimised = { enableAcceptEncodingGzip: true, enableAcceptEncodingBrotli: true };
const originControl = (queryStringBehavior: string): Fields => ({
  minTtl: 0,
  defaultTtl: 0,
  maxTtl: 31_536_000,
  parametersInCacheKeyAndForwardedToOrigin: cacheKey({
    ...optimised,
    cookiesConfig: { cookieBehavior: "all" },
    headersConfig: {
      headerBehavior: "whitelist",
      headers: items("host", "origin", "x-http-method-override", "x-http-method", "x-method-override"),
    },
    queryStringsConfig: { queryStringBehavior },
  }),
});

/** Managed cache policies by id. */
export const MANAGED_CACHE: Readonly<Record<string, Fields>> = {
  // CachingDisabled
  "4135ea2d-6d44-44a3-9df3-4b5a84be39ad": {
    minTtl: 0,
    defaultTtl: 0,
    maxTtl: 0,
    parametersInCacheKeyAndForwardedToOrigin: cacheKey(),
  },
  // CachingOptimized
  "658327ea-f89d-4fab-a63d-7e88639e58f6": {
    minTtl: 1,
    defaultTtl: 86_400,
    maxTtl: 31_536_000,
    parametersInCacheKeyAndForwardedToOrigin: cacheKey(optimised),
  },
  // CachingOptimizedForUncompressedObjects
  "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": {
    minTtl: 1,
    defaultTtl: 86_400,
    maxTtl: 31_536_000,
    parametersInCacheKeyAndForwardedToOrigin: cacheKey(),
  },
  // UseOriginCacheControlHeaders, and the same with query strings
  "83da9c7e-98b4-4e11-a168-04f0df8e2c65": originControl("none"),
  "4cc15a8a-d715-48a4-82b8-cc0b614638fe": originControl("all"),
};

const originPolicy = (headersConfig: Fields, behavior: string): Fields => ({
  headersConfig,
  cookiesConfig: { cookieBehavior: behavior },
  queryStringsConfig: { queryStringBehavior: behavior },
});

const CLOUDFRONT_2022_06 = items(
  "CloudFront-Forwarded-Proto",
  "CloudFront-Is-Android-Viewer",
  "CloudFront-Is-Desktop-Viewer",
  "CloudFront-Is-IOS-Viewer",
  "CloudFront-Is-Mobile-Viewer",
  "CloudFront-Is-SmartTV-Viewer",
  "CloudFront-Is-Tablet-Viewer",
  "CloudFront-Viewer-Address",
  "CloudFront-Viewer-ASN",
  "CloudFront-Viewer-City",
  "CloudFront-Viewer-Country",
  "CloudFront-Viewer-Country-Name",
  "CloudFront-Viewer-Country-Region",
  "CloudFront-Viewer-Http-Version",
  "CloudFront-Viewer-Latitude",
  "CloudFront-Viewer-Longitude",
  "CloudFront-Viewer-Time-Zone",
);
const CORS_HEADERS = items("origin", "access-control-request-headers", "access-control-request-method");

/** Managed origin request policies by id. */
export const MANAGED_ORIGIN: Readonly<Record<string, Fields>> = {
  // AllViewer
  "216adef6-5c7f-47e4-b989-5492eafa07d3": originPolicy({ headerBehavior: "allViewer" }, "all"),
  // AllViewerAndCloudFrontHeaders-2022-06
  "33f36d7e-f396-46d9-90e0-52428a34d9dc": originPolicy(
    { headerBehavior: "allViewerAndWhitelistCloudFront", headers: CLOUDFRONT_2022_06 },
    "all",
  ),
  // AllViewerExceptHostHeader
  "b689b0a8-53d0-40ab-baf2-68738e2966ac": originPolicy(
    { headerBehavior: "allExcept", headers: items("host") },
    "all",
  ),
  // CORS-CustomOrigin
  "59781a5b-3903-41f3-afcb-af62929ccde1": originPolicy(
    { headerBehavior: "whitelist", headers: items("origin") },
    "none",
  ),
  // CORS-S3Origin
  "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": originPolicy(
    { headerBehavior: "whitelist", headers: CORS_HEADERS },
    "none",
  ),
  // HostHeaderOnly
  "bf0718e1-ba1e-49d1-88b1-f726733018ae": originPolicy(
    { headerBehavior: "whitelist", headers: items("host") },
    "none",
  ),
  // UserAgentRefererHeaders
  "acba4595-bd28-49b8-b9fe-13317c0390fa": originPolicy(
    { headerBehavior: "whitelist", headers: items("user-agent", "referer") },
    "none",
  ),
};

const cors = (methods: string[], exposed: string[]): Fields => ({
  accessControlAllowCredentials: false,
  accessControlAllowHeaders: items("*"),
  accessControlAllowMethods: { items: methods },
  accessControlAllowOrigins: items("*"),
  accessControlExposeHeaders: { items: exposed },
  originOverride: false,
});
const SIMPLE = cors(["GET", "HEAD"], []);
const PREFLIGHT = cors(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"], ["*"]);
const SECURITY: Fields = {
  contentTypeOptions: { override: true },
  frameOptions: { frameOption: "SAMEORIGIN", override: false },
  referrerPolicy: { referrerPolicy: "strict-origin-when-cross-origin", override: false },
  strictTransportSecurity: { accessControlMaxAgeSec: 31_536_000, override: false },
  xssProtection: { protection: true, modeBlock: true, override: false },
};

/** Managed response headers policies by id. */
export const MANAGED_RESPONSE: Readonly<Record<string, Fields>> = {
  // SimpleCORS
  "60669652-455b-4ae9-85a4-c4c02393f86c": { corsConfig: SIMPLE },
  // CORS-With-Preflight
  "5cc3b908-e619-4b99-88e5-2cf7f45965bd": { corsConfig: PREFLIGHT },
  // SecurityHeadersPolicy
  "67f7725c-6f97-4210-82d7-5512b31e9d03": { securityHeadersConfig: SECURITY },
  // CORS-and-SecurityHeadersPolicy
  "e61eb60c-9c35-4d20-a928-2b84e02af89c": { corsConfig: SIMPLE, securityHeadersConfig: SECURITY },
  // CORS-with-preflight-and-SecurityHeadersPolicy
  "eaab4381-ed33-4a86-88ca-d9558dc6cd63": { corsConfig: PREFLIGHT, securityHeadersConfig: SECURITY },
};
