import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { APIGatewayProxyEventSchema } from "@aws-lambda-powertools/parser/schemas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { byType, type Graph } from "../../local/graph/graph.ts";
import { ensurePlatform } from "../../local/synth/install.ts";
import { synth } from "../../local/synth/synth.ts";
import { type Harness, startHarness } from "./rest-fixture.ts";

const root = join(import.meta.dirname, "../..");
const app = mkdtempSync(join(tmpdir(), "front-sst-"));

const FILES: Record<string, string> = {
  "package.json": '{ "name": "door", "type": "module" }',
  "functions/f.ts": "export const handler = async () => ({ statusCode: 200 });",
  "web/dist/index.html": "<!doctype html><title>site</title>",
  "web/dist/about.html": "<!doctype html><title>about</title>",
  "web/dist/favicon.svg": "<svg/>",
  "web/dist/assets/app.js": "console.log(1)",
  "web/dist/.well-known/security.txt": "Contact: x",
  "sst.config.ts": `/// <reference path="./.sst/platform/config.d.ts" />
export default $config({
  app: () => ({ name: "door", home: "aws", providers: { aws: { region: "us-east-1" } } }),
  async run() {
    const api = new sst.aws.ApiGatewayV1("Api");
    const users = api.addAuthorizer({ name: "Users", tokenFunction: "functions/f.handler", ttl: 30 });
    api.route("GET /api/links/{id}", "functions/f.handler");
    api.route("GET /api/mine", "functions/f.handler", { auth: { custom: users.id } });
    api.route("GET /api/keyed", "functions/f.handler", { apiKey: true });
    api.deploy();
    const plan = api.addUsagePlan("Plan", { throttle: { rate: 1, burst: 2 } });
    const key = plan.addApiKey("Key", { value: "a-key-of-more-than-20-characters" });
    const router = new sst.aws.Router("Door");
    router.route("/api", api.url, { rewrite: { regex: "^/(.*)$", to: \`/\${$app.stage}/$1\` } });
    new sst.aws.StaticSite("Site", {
      path: "web", build: { command: "none", output: "dist" }, router: { instance: router, path: "/app" },
    });
    return { key: key.value };
  },
});`,
};

let graph: Graph;
let harness: Harness | undefined;

/** Handlers by what SST's physical names begin with. */
const handlers = () =>
  Object.fromEntries(
    graph.functions.map((fn) => [
      fn.name,
      (event: Record<string, unknown>) =>
        event.type === "TOKEN"
          ? {
              principalId: "u1",
              context: { tenant: 7 },
              policyDocument: {
                Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: "*" }],
              },
            }
          : { statusCode: 200, body: JSON.stringify(event) },
    ]),
  );

beforeAll(async () => {
  await ensurePlatform(root);
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(app, path)), { recursive: true });
    writeFileSync(join(app, path), text);
  }
  symlinkSync(join(root, "node_modules"), join(app, "node_modules"));
  graph = await synth({
    root: app,
    stage: "local",
    platformDir: join(root, ".sst/platform"),
    cacheDir: join(app, "cache"),
  });
  harness = await startHarness([...graph.resources], handlers(), { appRoot: app });
}, 180_000);
afterAll(async () => {
  await harness?.front.close();
  rmSync(app, { recursive: true });
});

const started = (): Harness => {
  if (!harness) throw new Error("not started");
  return harness;
};
const get = (path: string, init?: RequestInit) =>
  fetch(`${started().front.url}${path}`, { redirect: "manual", ...init });

describe("what SST would deploy, behind the local front door", () => {
  test("the router's own function sends /api to the API, with the stage put before the path", async () => {
    const event = await (await get("/api/links/x%20y?a=1")).json();
    expect(APIGatewayProxyEventSchema.safeParse(event).error).toBeUndefined();
    expect(event).toMatchObject({
      resource: "/api/links/{id}",
      path: "/api/links/x%20y",
      pathParameters: { id: "x%20y" },
      queryStringParameters: { a: "1" },
      requestContext: { stage: "local", path: "/local/api/links/x%20y" },
    });
    expect(event.headers["x-forwarded-host"]).toBe(`127.0.0.1:${started().front.port}`);
    // SST's APIs are edge-optimised unless told otherwise.
    expect(event.headers["CloudFront-Viewer-Country"]).toBe("US");
  });

  test("and /app to the site: its files, their clean names, its folders, and its index page for the rest", async () => {
    const titles: Record<string, string> = {
      "/app": "site",
      "/app/": "site",
      "/app/about": "about",
      "/app/deep/link": "site",
    };
    for (const [path, title] of Object.entries(titles)) {
      expect(await (await get(path)).text(), path).toContain(`<title>${title}</title>`);
    }
    expect((await get("/app/favicon.svg")).headers.get("content-type")).toBe("image/svg+xml;charset=UTF-8");
    expect(await (await get("/app/assets/app.js")).text()).toBe("console.log(1)");
    expect(await (await get("/app/.well-known/security.txt")).text()).toBe("Contact: x");
    expect((await get("/app/assets/none.js")).status).toBe(403);
  });

  test("a file the build gains is there at once", async () => {
    writeFileSync(join(app, "web/dist/new.txt"), "new");
    await expect.poll(async () => (await get("/app/new.txt")).text()).toBe("new");
  });

  test("a path no route serves says so", async () => {
    const reply = await get("/elsewhere");
    expect([reply.status, (await reply.text()).includes("No route")]).toEqual([502, true]);
  });

  test("its authorizer, its usage plan and its CORS answers work as deployed", async () => {
    expect((await get("/api/mine")).status).toBe(401);
    const mine = await (await get("/api/mine", { headers: { authorization: "t" } })).json();
    expect(mine.requestContext.authorizer).toMatchObject({ principalId: "u1", tenant: "7" });
    expect((await get("/api/keyed")).status).toBe(403);
    const keyed = () => get("/api/keyed", { headers: { "x-api-key": "a-key-of-more-than-20-characters" } });
    expect([(await keyed()).status, (await keyed()).status, (await keyed()).status]).toEqual([200, 200, 429]);
    const preflight = await get("/api/links/1", { method: "OPTIONS" });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    expect((await get("/api/none")).headers.get("access-control-allow-origin")).toBe("*");
  });

  test("its access log is one JSON line per request", async () => {
    started().delivered.length = 0;
    await get("/api/links/1");
    await expect.poll(() => started().delivered.length).toBe(1);
    const [group] = byType(graph, "aws:cloudwatch/logGroup:LogGroup").filter(
      (g) => g.name === "ApiAccessLog",
    );
    expect(started().delivered[0]?.target).toBe(group?.outputs.arn);
    // SST writes its values with their quotes inside JSON strings: each value is JSON itself.
    const line = JSON.parse(started().delivered[0]?.delivery.body.replaceAll(/"\\"|\\""/g, '"') ?? "");
    expect(line).toMatchObject({ httpMethod: "GET", path: "/local/api/links/1", status: "200" });
  });
});
