import type { Platform } from "./platform.ts";

/** The front door: the web app under /app, everything else to the API. */
export function edge(base: Platform) {
  base.close();
  const router = new sst.aws.Router("Edge", {
    edge: {
      viewerRequest: {
        injection: `
          if (event.request.uri === "/") {
            return { statusCode: 302, statusDescription: "Found", headers: { location: { value: "/app/" } } };
          }`,
      },
    },
    transform: {
      // The visitor's country reaches the origin only as part of the cache key.
      cachePolicy: (policy) => {
        policy.parametersInCacheKeyAndForwardedToOrigin = {
          cookiesConfig: { cookieBehavior: "none" },
          headersConfig: {
            headerBehavior: "whitelist",
            headers: { items: ["x-forwarded-host", "cloudfront-viewer-country"] },
          },
          queryStringsConfig: { queryStringBehavior: "all" },
          enableAcceptEncodingBrotli: true,
          enableAcceptEncodingGzip: true,
        };
      },
    },
  });
  // The stage is part of a REST API's path; the edge puts it there.
  router.route("/", base.api.url, { rewrite: { regex: "^/(.*)$", to: `/${$app.stage}/$1` } });
  new sst.aws.StaticSite("Web", {
    path: ".",
    build: { command: "npm run build", output: "web/dist" },
    router: { instance: router, path: "/app" },
    indexPage: "index.html",
    errorPage: "index.html",
  });
  return { router };
}
