import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { FrontOptions } from "../../local/front/front.ts";
import type { Resource } from "../../local/graph/graph.ts";
import {
  API_ID,
  type Handlers,
  type Harness,
  REGION,
  resource,
  restApi,
  startHarness,
} from "./rest-fixture.ts";

// A router written as SST writes its own: routes from a key-value store, origins changed by the function.
const ROUTER = `
import cf from "cloudfront";
async function handler(event) {
  const request = event.request;
  if (request.uri === "/teapot") return { statusCode: 418, headers: { "x-tea": { value: "yes" } }, body: "short" };
  if (request.uri === "/broken") throw new Error("secret");
  request.headers["x-forwarded-host"] = request.headers.host;
  const routes = JSON.parse(await cf.kvs().get("ns:routes"));
  const match = routes.map((r) => r.split(",")).sort((a, b) => b[3].length - a[3].length)
    .find((r) => request.uri.startsWith(r[3]));
  const metadata = JSON.parse(await cf.kvs().get(match[1] + ":metadata"));
  if (match[0] === "url") {
    cf.updateRequestOrigin({ domainName: metadata.host, ...(metadata.http ? {} : { customOriginConfig: { port: 443, protocol: "https" } }) });
    if (metadata.stage) request.uri = metadata.stage + request.uri;
    return request;
  }
  delete request.cookies;
  cf.updateRequestOrigin({ domainName: metadata.s3.domain });
  const file = request.uri.endsWith("/") ? "/index.html" : request.uri;
  let known = metadata.s3.routes.some((route) => file.startsWith(route));
  try { await cf.kvs().get(match[1] + ":" + file); known = true; } catch (e) {}
  request.uri = known ? file : metadata.custom404;
  return request;
}`;
const DOMAIN = `site-bucket.s3.${REGION}.amazonaws.com`;
const STORE = "arn:aws:cloudfront::1:key-value-store/s1";
const SITE_URN = "urn:pulumi:local::app::sst:aws:StaticSite::Site";

const sent: { url: string; headers: NodeJS.Dict<string | string[]> }[] = [];
let plain: Server;
let root: string;
let harness: Harness;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "front-"));
  await mkdir(join(root, "dist/assets"), { recursive: true });
  await writeFile(join(root, "dist/index.html"), "<!doctype html><title>app</title>");
  await writeFile(join(root, "dist/assets/a.js"), `export const a = ${JSON.stringify("a".repeat(5_000))};`);
  await writeFile(join(root, "secret.txt"), "outside");
  plain = createServer((request, reply) => {
    sent.push({ url: request.url ?? "", headers: request.headers });
    reply.setHeader("cache-control", request.url?.includes("keep") ? "public, s-maxage=60" : "no-store");
    reply.end(`plain ${request.url}`);
  });
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
});
afterEach(() => harness.front.close());
afterAll(async () => {
  plain.close();
  await rm(root, { recursive: true });
});

const edge = (
  distribution: Record<string, unknown> = {},
  behavior: Record<string, unknown> = {},
): Resource[] => {
  const entry = (ns: string, metadata: unknown) =>
    resource("sst:aws:KvKeys", `kv-${ns}`, {
      store: STORE,
      namespace: ns,
      entries: { metadata: JSON.stringify(metadata) },
    });
  const route = (text: string) =>
    resource("sst:aws:KvRoutesUpdate", text, { store: STORE, namespace: "ns", key: "routes", entry: text });
  const metadata = { custom404: "/index.html", s3: { domain: DOMAIN, dir: "", routes: [] } };
  const port = (plain.address() as AddressInfo).port;
  return [
    { ...resource("sst:aws:StaticSite", "Site", {}, { outputPath: "dist" }), urn: SITE_URN },
    {
      ...resource("sst:aws:BucketFiles", "files", { bucketName: "site-bucket", files: [] }),
      parent: SITE_URN,
    },
    { ...entry("site", metadata), parent: SITE_URN },
    entry("api", { host: `${API_ID}.execute-api.${REGION}.amazonaws.com`, stage: "/local" }),
    entry("plain", { host: `localhost:${port}`, http: true }),
    route("site,site,,/"),
    route("url,api,,/api"),
    route("url,plain,,/plain"),
    resource(
      "aws:cloudfront/function:Function",
      "fn",
      { code: ROUTER, keyValueStoreAssociations: [STORE] },
      { arn: "arn:fn" },
    ),
    resource("aws:cloudfront/cachePolicy:CachePolicy", "policy", {
      minTtl: 0,
      defaultTtl: 0,
      maxTtl: 31_536_000,
      parametersInCacheKeyAndForwardedToOrigin: {
        cookiesConfig: { cookieBehavior: "none" },
        headersConfig: {
          headerBehavior: "whitelist",
          headers: { items: ["x-forwarded-host", "CloudFront-Viewer-Country"] },
        },
        queryStringsConfig: { queryStringBehavior: "all" },
        enableAcceptEncodingGzip: true,
        enableAcceptEncodingBrotli: true,
      },
    }),
    resource("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "headers", {
      securityHeadersConfig: { frameOptions: { frameOption: "DENY", override: true } },
      customHeadersConfig: { items: [{ header: "x-policy", value: "on", override: false }] },
    }),
    resource(
      "aws:cloudfront/distribution:Distribution",
      "EDIST",
      {
        enabled: true,
        aliases: ["app.example.com"],
        origins: [
          {
            originId: "default",
            domainName: "placeholder.sst.dev",
            customOriginConfig: { originProtocolPolicy: "http-only" },
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: "default",
          allowedMethods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
          cachedMethods: ["GET", "HEAD"],
          compress: true,
          cachePolicyId: "policy",
          originRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
          responseHeadersPolicyId: "headers",
          functionAssociations: [{ eventType: "viewer-request", functionArn: "arn:fn" }],
          ...behavior,
        },
        ...distribution,
      },
      { arn: "arn:aws:cloudfront::1:distribution/EDIST", domainName: "d123.cloudfront.net" },
    ),
  ];
};

const start = (handlers: Handlers = {}, extra: Resource[] = edge(), options: Partial<FrontOptions> = {}) =>
  startHarness(restApi({ "ANY /api/{path+}": {} }, extra), handlers, { appRoot: root, ...options });
const get = (path: string, init?: RequestInit) => fetch(`${harness.front.url}${path}`, init);
const cached = (reply: Response) => reply.headers.get("x-cache");

describe("the router", () => {
  test("sends the API's paths to the API, with the viewer's host and address told apart", async () => {
    harness = await start();
    const event = await (
      await get("/api/links?a=1&b=%2F", { headers: { cookie: "s=1; t=2", "x-Mixed": "m" } })
    ).json();
    expect(event).toMatchObject({
      path: "/api/links",
      queryStringParameters: { a: "1", b: "/" },
      requestContext: {
        path: "/local/api/links",
        domainName: `${API_ID}.execute-api.${REGION}.amazonaws.com`,
      },
    });
    expect(event.headers).toMatchObject({
      Host: `${API_ID}.execute-api.${REGION}.amazonaws.com`,
      "x-forwarded-host": `127.0.0.1:${harness.front.port}`,
      "X-Forwarded-For": "127.0.0.1, 130.176.1.1",
      "CloudFront-Viewer-Country": "US",
      Cookie: "s=1; t=2",
      Via: expect.stringContaining("cloudfront.net (CloudFront)"),
    });
    expect(event.requestContext.identity.sourceIp).toBe("130.176.1.1");
  });

  test("serves the build, and its index page to every path that is no file", async () => {
    harness = await start();
    const index = await get("/");
    expect([index.status, index.headers.get("content-type")]).toEqual([200, "text/html;charset=UTF-8"]);
    expect(index.headers.get("cache-control")).toBe("max-age=0,no-cache,no-store,must-revalidate");
    const script = await get("/assets/a.js");
    expect(script.headers.get("content-type")).toBe("text/javascript;charset=UTF-8");
    expect(script.headers.get("cache-control")).toBe("max-age=31536000,public,immutable");
    expect(await (await get("/deep/link")).text()).toContain("<title>app</title>");
    expect((await get("/assets/none.js")).status).toBe(403);
  });

  test("never leaves the build folder", async () => {
    harness = await start();
    for (const path of ["/assets/..%2f..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/assets/%00"]) {
      const reply = await get(path);
      expect(await reply.text(), path).not.toContain("outside");
    }
  });

  test("passes plain URLs on and adds what CloudFront adds", async () => {
    harness = await start();
    sent.length = 0;
    expect(
      await (
        await get("/plain/x?q=1", { headers: { "x-amz-cf-id": "forged", "cloudfront-viewer-country": "XX" } })
      ).text(),
    ).toBe("plain /plain/x?q=1");
    expect(sent[0]?.headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(sent[0]?.headers["x-amz-cf-id"]).not.toBe("forged");
    expect(sent[0]?.headers["cloudfront-viewer-country"]).toBe("US");
  });

  test("may answer by itself, and its mistakes stay inside", async () => {
    harness = await start();
    const tea = await get("/teapot");
    expect([tea.status, tea.headers.get("x-tea"), await tea.text()]).toEqual([418, "yes", "short"]);
    const broken = await get("/broken");
    expect(broken.status).toBe(503);
    expect(await broken.text()).not.toContain("secret");
    expect(harness.printed.join()).toContain("secret");
  });

  test("carries names that every object has through its function and back", async () => {
    harness = await start();
    const headers = { cookie: "constructor=1; __proto__=2", constructor: "c" };
    const event = await (await get("/api/x?__proto__=1&toString=2&flag&empty=", { headers })).json();
    expect(Object.entries(event.queryStringParameters)).toEqual([
      ["__proto__", "1"],
      ["toString", "2"],
      ["flag", ""],
      ["empty", ""],
    ]);
    expect(event.headers).toMatchObject({ Cookie: "constructor=1; __proto__=2", constructor: "c" });
  });

  test("tells the country it is started with, or that a trusted header names", async () => {
    harness = await start({}, edge(), { viewerCountry: "DE", viewerCountryHeader: "x-country" });
    const country = async (headers: Record<string, string> = {}) =>
      (await (await get("/api/x", { headers })).json()).headers["CloudFront-Viewer-Country"];
    expect(await country()).toBe("DE");
    expect(await country({ "x-country": "jp" })).toBe("JP");
  });

  test("says in words that the web app is not built", async () => {
    harness = await start({}, edge(), { appRoot: join(root, "nowhere") });
    const reply = await get("/");
    expect(reply.status).toBe(503);
    expect(await reply.text()).toContain("not built");
  });

  test("lets a development server stand in for the build", async () => {
    const { port } = plain.address() as AddressInfo;
    harness = await start({}, edge(), {
      staticOrigin: (site) => (site === "Site" ? new URL(`http://127.0.0.1:${port}`) : undefined),
    });
    expect(await (await get("/src/main.tsx?t=1")).text()).toBe("plain /src/main.tsx?t=1");
  });
});

describe("hosts", () => {
  test("a name nobody gave this machine is misdirected", async () => {
    harness = await start();
    const ask = (host: string, path = "/api/x") =>
      new Promise<number>((resolve, reject) => {
        import("node:http").then(({ get: httpGet }) =>
          httpGet({ port: harness.front.port, host: "127.0.0.1", path, headers: { host } }, (reply) => {
            reply.resume();
            resolve(reply.statusCode ?? 0);
          }).on("error", reject),
        );
      });
    expect(await ask("evil.example")).toBe(421);
    expect(await ask("evil.example", `/_aws/execute-api/${API_ID}/local/api/x`)).toBe(421);
    expect(await ask("app.example.com")).toBe(200);
    expect(await ask("d123.cloudfront.net")).toBe(200);
    expect(await ask(`${API_ID}.execute-api.${REGION}.amazonaws.com`)).toBe(403);
  });
});

describe("the edge cache", () => {
  const counting = (control: string | undefined, status = 200) => {
    let n = 0;
    return () => {
      n += 1;
      return { statusCode: status, headers: control ? { "cache-control": control } : {}, body: String(n) };
    };
  };
  const read = async (path: string, init?: RequestInit) => {
    const reply = await get(path, init);
    return [await reply.text(), cached(reply)];
  };

  test("keeps what s-maxage lets it keep, and no longer", async () => {
    harness = await start({ echo: counting("max-age=0, s-maxage=60") });
    expect(await read("/api/a")).toEqual(["1", "Miss from cloudfront"]);
    harness.clock.advance(59_000);
    expect(await read("/api/a")).toEqual(["1", "Hit from cloudfront"]);
    expect((await get("/api/a")).headers.get("age")).toBe("59");
    harness.clock.advance(2_000);
    expect(await read("/api/a")).toEqual(["2", "Miss from cloudfront"]);
  });

  test.each(["no-store", "private, max-age=60", "no-cache"])(
    "keeps nothing that says %s",
    async (control) => {
      harness = await start({ echo: counting(control) });
      await read("/api/a");
      expect(await read("/api/a")).toEqual(["2", "Miss from cloudfront"]);
    },
  );

  test("tells requests apart by what the policy names: query and country, not cookies", async () => {
    harness = await start({ echo: counting("s-maxage=60") }, edge(), { viewerCountryHeader: "x-country" });
    expect((await read("/api/a?x=1"))[0]).toBe("1");
    expect((await read("/api/a?x=2"))[0]).toBe("2");
    expect((await read("/api/a?x=1", { headers: { "x-country": "FR" } }))[0]).toBe("3");
    expect((await read("/api/a?x=1", { headers: { cookie: "a=b" } }))[0]).toBe("1");
    expect((await read("/api/a?x=1", { method: "POST" }))[0]).toBe("4");
  });

  test("keeps a 404 for ten seconds whatever it says, unless the distribution says otherwise", async () => {
    harness = await start({ echo: counting("no-store", 404) });
    expect((await read("/api/a"))[0]).toBe("1");
    expect(await read("/api/a")).toEqual(["1", "Error from cloudfront"]);
    harness.clock.advance(10_001);
    expect((await read("/api/a"))[0]).toBe("2");
    await harness.front.close();
    const errors = [{ errorCode: 404, errorCachingMinTtl: 0 }];
    harness = await start({ echo: counting("no-store", 404) }, edge({ customErrorResponses: errors }));
    await read("/api/a");
    expect((await read("/api/a"))[0]).toBe("2");
  });

  test("an invalidation forgets", async () => {
    harness = await start({ echo: counting("s-maxage=60") });
    await read("/api/a");
    harness.front.invalidate(["/other/*"]);
    expect((await read("/api/a"))[0]).toBe("1");
    harness.front.invalidate(["/*"]);
    expect((await read("/api/a"))[0]).toBe("2");
  });

  test("a rebuilt file is served at once, though its lifetime is a year", async () => {
    harness = await start();
    expect(cached(await get("/assets/a.js"))).toBe("Miss from cloudfront");
    expect(cached(await get("/assets/a.js"))).toBe("Hit from cloudfront");
    await writeFile(join(root, "dist/assets/a.js"), `changed${"b".repeat(5_000)}`);
    const reply = await get("/assets/a.js");
    expect([cached(reply), (await reply.text()).slice(0, 7)]).toEqual(["Miss from cloudfront", "changed"]);
  });

  test("nothing is kept under CachingDisabled", async () => {
    const disabled = { cachePolicyId: "4135ea2d-6d44-44a3-9df3-4b5a84be39ad" };
    harness = await start({ echo: counting("s-maxage=60") }, edge({}, disabled));
    await read("/api/a");
    expect(await read("/api/a")).toEqual(["2", "Miss from cloudfront"]);
  });
});

describe("answers of the edge", () => {
  test("are compressed for those who can read them", async () => {
    harness = await start();
    const brotli = await get("/assets/a.js", { headers: { "accept-encoding": "gzip, br" } });
    expect(brotli.headers.get("content-encoding")).toBe("br");
    expect(brotli.headers.get("etag")).toMatch(/^W\//);
    expect((await brotli.text()).length).toBeGreaterThan(5_000);
    const gzip = await get("/assets/a.js", { headers: { "accept-encoding": "gzip" } });
    expect(gzip.headers.get("content-encoding")).toBe("gzip");
    const bare = await get("/assets/a.js", { headers: { "accept-encoding": "identity" } });
    expect(bare.headers.get("content-encoding")).toBeNull();
  });

  test("honour If-None-Match and a byte range", async () => {
    harness = await start();
    const headers = { "accept-encoding": "identity" };
    const etag = (await get("/assets/a.js", { headers })).headers.get("etag") ?? "";
    const unchanged = await get("/assets/a.js", { headers: { ...headers, "if-none-match": etag } });
    expect([unchanged.status, await unchanged.text()]).toEqual([304, ""]);
    const part = await get("/assets/a.js", { headers: { ...headers, range: "bytes=0-6" } });
    expect([part.status, (await part.text()).length]).toEqual([206, 7]);
    expect(part.headers.get("content-range")).toMatch(/^bytes 0-6\/\d+$/);
    expect((await get("/assets/a.js", { headers: { ...headers, range: "bytes=99999-" } })).status).toBe(416);
  });

  test("carry the response headers policy", async () => {
    harness = await start({
      echo: () => ({ statusCode: 200, headers: { "x-frame-options": "SAMEORIGIN", "x-policy": "own" } }),
    });
    const reply = await get("/api/x");
    expect([reply.headers.get("x-frame-options"), reply.headers.get("x-policy")]).toEqual(["DENY", "own"]);
    expect((await get("/")).headers.get("x-policy")).toBe("on");
  });

  test("are a span of the distribution, and one of the origin that it caused", async () => {
    harness = await start();
    await get("/api/x");
    await expect.poll(() => harness.cloud.recorder.recent().length).toBe(2);
    const [door, origin] = harness.cloud.recorder.recent();
    expect(door).toMatchObject({
      node: "arn:aws:cloudfront::1:distribution/EDIST",
      name: "GET /api/x",
      detail: { status: 200, edge: "Miss" },
    });
    expect(origin).toMatchObject({ from: door?.node, parentId: door?.id, traceId: door?.traceId });
    expect(origin?.node).toMatch(/^arn:aws:apigateway:/);
  });
});
