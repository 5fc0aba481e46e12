import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { byArn, byType, type Graph } from "../../local/graph/graph.ts";
import { ensurePlatform } from "../../local/synth/install.ts";
import { synth } from "../../local/synth/synth.ts";

// What the local cloud does not serve yet must still evaluate: an app may hold any of SST's components.

const root = join(import.meta.dirname, "../..");
const app = mkdtempSync(join(tmpdir(), "wide-"));

const config = `
export default $config({
  app: () => ({ name: "wide", home: "aws", providers: { aws: { region: "us-west-2" } } }),
  async run() {
    const f = "functions/f.handler";
    const files = new sst.aws.Bucket("Files", { versioning: true });
    files.notify({ notifications: [{ name: "Up", function: f, events: ["s3:ObjectCreated:*"] }] });
    const topic = new sst.aws.SnsTopic("Topic");
    topic.subscribe("Sub", f);
    topic.subscribeQueue("SubQ", new sst.aws.Queue("Fifo", { fifo: true }).arn);
    const ws = new sst.aws.ApiGatewayWebSocket("Ws");
    const identity = { lambda: { function: f, identitySources: ["route.request.querystring.t"] } };
    ws.route("$connect", f, { auth: { lambda: ws.addAuthorizer("Auth", identity).id } });
    const rest = new sst.aws.ApiGatewayV1("Rest", { cors: true });
    rest.route("GET /a", f, { apiKey: true });
    rest.route("ANY /b/{proxy+}", f, { auth: { iam: true } });
    rest.deploy();
    rest.addUsagePlan("Plan", { quota: { limit: 100, period: "day" } }).addApiKey("Key");
    const mail = new sst.aws.Email("Mail", { sender: "a@example.com" });
    const vpc = new sst.aws.Vpc("Net", { nat: "managed" });
    const cache = new sst.aws.Redis("Cache", { vpc, engine: "valkey" });
    const search = new sst.aws.OpenSearch("Search");
    const sql = new sst.aws.Dsql("Sql");
    const stream = new sst.aws.KinesisStream("Stream");
    stream.subscribe("Read", f);
    new sst.aws.CognitoUserPool("Pool", { triggers: { preSignUp: f } });
    const fn = new sst.aws.Function("Fn", {
      handler: f, url: true, vpc, retries: 0, versioning: true, link: [files, ws, mail, cache, search, sql],
    });
    const state = sst.aws.StepFunctions;
    const flow = new state("Flow", { definition: state.lambdaInvoke({ name: "A", function: fn }).next(state.succeed({ name: "B" })) });
    new sst.aws.Efs("Disk", { vpc });
    new sst.aws.Postgres("Pg", { vpc });
    new sst.aws.Realtime("Rt", { authorizer: f });
    const abroad = new aws.Provider("Abroad", { region: "eu-central-1" });
    new aws.sqs.Queue("There", {}, { provider: abroad });
    new aws.backup.Vault("Vault", {});
    return { ws: ws.url, cache: cache.host, sql: sql.endpoint, flow: flow.arn };
  },
});
`;

let graph: Graph;
beforeAll(async () => {
  await ensurePlatform(root);
  mkdirSync(join(app, "functions"));
  writeFileSync(join(app, "sst.config.ts"), config);
  writeFileSync(join(app, "functions/f.ts"), "export const handler = async () => {};\n");
  graph = await synth({ root: app, stage: "local", platformDir: join(root, ".sst/platform") });
}, 180_000);
afterAll(() => rmSync(app, { recursive: true }));

it("answers SST's components with the endpoints and ARNs they hand on", () => {
  expect(graph.outputs).toEqual({
    ws: expect.stringMatching(/^wss:\/\/[a-z0-9]{10}\.execute-api\.us-west-2\.amazonaws\.com\/\$default$/),
    cache: expect.stringMatching(/^master\.wide-local-cachecluster-/),
    sql: expect.stringMatching(/\.dsql\.us-west-2\.on\.aws$/),
    flow: expect.stringMatching(/^arn:aws:states:us-west-2:0{12}:stateMachine:wide-local-Flow/),
  });
  const links = graph.functions.find((f) => f.component === "Fn")?.environment ?? {};
  expect(JSON.parse(links.SST_RESOURCE_Ws ?? "").managementEndpoint).toMatch(
    /^https:\/\/[a-z0-9]{10}\.execute-api/,
  );
  expect(JSON.parse(links.SST_RESOURCE_Search ?? "").url).toMatch(/^https:\/\/search-/);
});

it("gives every resource an id, and no output the trace of a value that was missing", () => {
  expect(graph.resources.filter((r) => !r.id).map((r) => r.urn)).toEqual([]);
  expect(JSON.stringify(graph)).not.toMatch(/undefined|\[object Object\]|Calling \[toString\]/);
});

it("gives a resource nobody listed an ARN of its service", () => {
  const vault = byType(graph, "aws:backup/vault:Vault")[0];
  expect(vault?.outputs.arn).toBe(`arn:aws:backup:us-west-2:000000000000:vault/${vault?.id}`);
});

it("puts a resource where its provider is", () => {
  const there = byType(graph, "aws:sqs/queue:Queue").find((r) => r.name === "There");
  expect(there?.outputs.arn).toBe(`arn:aws:sqs:eu-central-1:000000000000:${there?.outputs.name}`);
});

it("joins every function with its handler, whichever component made it", () => {
  expect(byType(graph, "aws:lambda/function:Function").length).toBe(graph.functions.length);
  expect(new Set(graph.functions.map((f) => f.handler))).toEqual(new Set(["functions/f.handler"]));
  expect(graph.functions.every((f) => byArn(graph, f.arn)?.id === f.name)).toBe(true);
  expect(graph.functions.find((f) => f.component === "Fn")?.async.maxRetries).toBe(0);
});
