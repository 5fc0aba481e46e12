import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byArn, byType, functionByArn, type Graph, type Resource } from "../../local/graph/graph.ts";
import { ensurePlatform } from "../../local/synth/install.ts";
import { load } from "../../local/synth/load.ts";
import { synth } from "../../local/synth/synth.ts";

const root = join(import.meta.dirname, "../..");
const fixture = join(root, "test/fixtures/app");
const scratch = mkdtempSync(join(tmpdir(), "synth-"));
const platformDir = join(root, ".sst/platform");
const cacheDir = join(scratch, "cache");

beforeAll(async () => {
  process.env.SST_SECRET_Stamp = "blue";
  await ensurePlatform(root);
}, 180_000);
afterAll(() => {
  delete process.env.SST_SECRET_Stamp;
  rmSync(scratch, { recursive: true });
});

const one = (graph: Graph, type: string): Resource => {
  const [found, ...more] = byType(graph, type);
  if (!found || more.length) throw new Error(`${more.length + (found ? 1 : 0)} resources of ${type}`);
  return found;
};

const spec = (graph: Graph, component: string) => {
  const found = graph.functions.find((f) => f.component === component);
  if (!found) throw new Error(`No function ${component}`);
  return found;
};

describe("The graph of the fixture app", () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await synth({ root: fixture, stage: "local", platformDir, cacheDir });
  });

  it("holds what run() returned, and every resource under a URN of its own", () => {
    expect(graph).toMatchObject({ app: "library", stage: "local", region: "eu-west-1" });
    expect(graph.outputs.url).toMatch(/^https:\/\/d[a-z0-9]{13}\.cloudfront\.net$/);
    expect(graph.outputs.api).toMatch(
      /^https:\/\/[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com\/local\/$/,
    );
    expect(new Set(graph.resources.map((r) => r.urn)).size).toBe(graph.resources.length);
    expect(graph.resources.every((r) => !r.parent || graph.resources.some((p) => p.urn === r.parent))).toBe(
      true,
    );
  });

  it("says of every resource which line of which stack declared it", () => {
    expect(graph.resources.filter((r) => !r.source)).toEqual([]);
    const text = readFileSync(join(fixture, "stacks/lending.ts"), "utf8").split("\n");
    const [file, line] = (one(graph, "aws:scheduler/schedule:Schedule").source ?? "").split(":");
    expect(file).toBe("stacks/lending.ts");
    expect(text[Number(line) - 1]).toContain('new sst.aws.CronV2("Remind"');
    // Made in a callback long after the stack returned.
    expect(text[Number(spec(graph, "EventsSubscriberLentFunction").source?.split(":")[1]) - 1]).toContain(
      '"Lent"',
    );
  });

  it("joins a function with its handler, its links and its settings", () => {
    const table = one(graph, "aws:dynamodb/table:Table");
    const lookUp = spec(graph, "LookUp");
    expect(lookUp).toMatchObject({
      handler: "functions/look-up.handler",
      memoryMb: 256,
      timeoutSeconds: 5,
      runtime: "nodejs24.x",
      reservedConcurrency: 3,
      async: { maxRetries: 2, maxAgeSeconds: 21_600 },
      nodejs: { minify: true, architecture: "x86_64" },
    });
    expect(Object.keys(lookUp.environment).sort()).toEqual([
      "CLIENT_ID",
      "SST_RESOURCE_App",
      "SST_RESOURCE_Books",
      "SST_RESOURCE_Stamp",
    ]);
    expect(JSON.parse(lookUp.environment.SST_RESOURCE_Books ?? "")).toEqual({
      name: table.id,
      type: "sst.aws.Dynamo",
    });
    expect(JSON.parse(lookUp.environment.SST_RESOURCE_Stamp ?? "")).toEqual({
      value: "blue",
      type: "sst.sst.Secret",
    });
    expect(byArn(graph, lookUp.roleArn)?.type).toBe("aws:iam/role:Role");
    expect(byType(graph, "aws:cloudwatch/logGroup:LogGroup").map((r) => r.id)).toContain(lookUp.logGroup);
    expect(spec(graph, "EventsSubscriberLentFunction").async.maxRetries).toBe(1);
  });

  it("leads from a REST method to its resource's whole path and its function", () => {
    const path = (id: unknown) =>
      byType(graph, "aws:apigateway/resource:Resource").find((r) => r.id === id)?.outputs.path;
    const routes = byType(graph, "aws:apigateway/integration:Integration").map((i) => [
      `${i.inputs.httpMethod} ${path(i.inputs.resourceId)}`,
      functionByArn(graph, String(i.inputs.uri))?.handler,
    ]);
    expect(Object.fromEntries(routes)).toEqual({
      "GET /books/{isbn}": "functions/look-up.handler",
      "PUT /books/{isbn}": "functions/look-up.handler",
      "POST /returns/{isbn}": "functions/returns/give-back.handler",
    });
    const guarded = byType(graph, "aws:apigateway/method:Method").find((m) => m.inputs.httpMethod === "PUT");
    expect(guarded?.inputs.authorizerId).toBe(one(graph, "aws:apigateway/authorizer:Authorizer").id);
  });

  it("connects queue, stream, bus, schedule and log lines with their targets", () => {
    const sources = byType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping").map((m) => [
      byType(graph, "aws:sqs/queue:Queue").find((q) => q.outputs.arn === m.inputs.eventSourceArn)?.name ??
        String(m.inputs.eventSourceArn).split(":")[2],
      functionByArn(graph, String(m.inputs.functionName))?.handler,
    ]);
    expect(Object.fromEntries(sources)).toEqual({
      RequestsQueue: "functions/lend.handler",
      ShelfQueue: "functions/returns/shelve.handler",
      dynamodb: "functions/note.handler",
    });
    const targets = byType(graph, "aws:cloudwatch/eventTarget:EventTarget").map(
      (t) => byArn(graph, String(t.inputs.arn))?.type,
    );
    expect(new Set(targets)).toEqual(new Set(["aws:lambda/function:Function", "aws:sqs/queue:Queue"]));
    const target = one(graph, "aws:scheduler/schedule:Schedule").inputs.target as Record<string, unknown>;
    expect(functionByArn(graph, String(target.arn))?.timeoutSeconds).toBe(60);
    const filters = byType(graph, "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter");
    expect(filters.map(({ inputs }) => inputs.logGroup)).toContain(spec(graph, "LookUp").logGroup);
  });

  it("gives ids and ARNs the shape that AWS gives them", () => {
    expect(one(graph, "aws:cognito/userPool:UserPool").id).toMatch(/^eu-west-1_[A-Za-z0-9]{9}$/);
    expect(one(graph, "aws:cognito/userPoolClient:UserPoolClient").id).toMatch(/^[a-z0-9]{26}$/);
    expect(one(graph, "aws:cloudfront/distribution:Distribution").id).toMatch(/^E[A-Z0-9]{13}$/);
    const queue = byType(graph, "aws:sqs/queue:Queue")[0];
    expect(queue?.id).toBe(`https://sqs.eu-west-1.amazonaws.com/000000000000/${queue?.outputs.name}`);
    expect(queue?.outputs.tagsAll).toEqual({ app: "library" });
    expect(one(graph, "aws:dynamodb/table:Table").outputs.streamArn).toMatch(
      /^arn:aws:dynamodb:eu-west-1:0{12}:table\/library-local-BooksTable-[a-z]{8}\/stream\/2/,
    );
  });

  it("writes policies as the JSON that IAM would be given", () => {
    const policies = (component: string) =>
      (byArn(graph, spec(graph, component).roleArn)?.inputs.inlinePolicies ?? []) as { policy: string }[];
    expect(JSON.parse(policies("LookUp")[0]?.policy ?? "")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "dynamodb:*",
          Resource: [one(graph, "aws:dynamodb/table:Table").outputs.arn, expect.stringMatching(/\/\*$/)],
        },
      ],
    });
    expect(policies("Tally")).toEqual([]);
  });

  it("keeps the router's entries, and the site's folder without its build", () => {
    const routes = byType(graph, "sst:aws:KvRoutesUpdate").map((r) => String(r.inputs.entry).split(","));
    expect(routes.map(([kind, , host, path]) => [kind, host, path]).sort()).toEqual([
      ["bucket", "", "/covers"],
      ["site", "", ""],
      ["url", "", "/api"],
    ]);
    const metadata = byType(graph, "sst:aws:KvKeys").map(
      (r) => (r.inputs.entries as { metadata: string }).metadata,
    );
    expect(metadata.some((text) => JSON.parse(text).rewrite?.to === "/local/$1")).toBe(true);
    expect(one(graph, "sst:aws:StaticSite").outputs.outputPath).toBe("site/dist");
  });

  it("is the same whenever it is evaluated, and another for another stage", async () => {
    const [again, production] = await Promise.all([
      synth({ root: fixture, stage: "local", platformDir, cacheDir }),
      synth({ root: fixture, stage: "production", platformDir, cacheDir }),
    ]);
    expect(again).toEqual(graph);
    expect(production.resources.map((r) => r.type)).toEqual(graph.resources.map((r) => r.type));
    const ids = new Set(graph.resources.map((r) => r.outputs.arn).filter(Boolean));
    const shared = production.resources.filter((r) => ids.has(r.outputs.arn)).map((r) => r.type);
    // The bucket SST keeps code in is one per account, and so is the default bus.
    const common = ["aws:s3/bucketObjectv2:BucketObjectv2", "aws:cloudwatch/eventBus:EventBus"];
    expect(shared.filter((type) => !common.includes(type))).toEqual([]);
  });
});

/** The fixture in a folder of its own, with one file changed. */
const changed = (file: string, edit: (text: string) => string): string => {
  const copy = mkdtempSync(join(scratch, "app-"));
  cpSync(fixture, copy, { recursive: true, filter: (path) => !path.endsWith(".sst") });
  writeFileSync(join(copy, file), edit(readFileSync(join(copy, file), "utf8")));
  return copy;
};

const lineOf = (file: string, text: string): number =>
  readFileSync(join(fixture, file), "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text)) + 1;

describe("A mistake in a stack is told in a sentence and a line:", () => {
  const mistakes: [string, string, (text: string) => string, RegExp, string][] = [
    [
      "a name given twice",
      "stacks/lending.ts",
      (text) => text.replace('"Lost"', '"Books"'),
      /^Component name Books is not unique\.$/,
      "stacks/lending.ts:3",
    ],
    [
      "a property of nothing",
      "stacks/site.ts",
      (text) => text.replace("api.url,", "(api as any).nowhere.url,"),
      /^TypeError: Cannot read properties of undefined \(reading 'url'\)$/,
      "stacks/site.ts:4",
    ],
    [
      "a syntax error",
      "stacks/site.ts",
      (text) => text.replace("return router;", "return router) {"),
      /^Expected ";" but found "\)"$/,
      "stacks/site.ts:10",
    ],
    [
      "a file that is not there",
      "sst.config.ts",
      (text) => text.replace("./stacks/site.ts", "./stacks/sight.ts"),
      /^Could not resolve "\.\/stacks\/sight\.ts"$/,
      `sst.config.ts:${lineOf("sst.config.ts", "./stacks/site.ts")}`,
    ],
    [
      "a handler that is not there",
      "stacks/lending.ts",
      (text) => text.replace("functions/remind.handler", "functions/forget.handler"),
      /^handler not found: functions\/forget\.handler$/,
      "stacks/lending.ts:11",
    ],
    [
      "a callback that throws",
      "stacks/catalogue.ts",
      (text) => text.replace("if (!group) throw", "throw"),
      /^LookUp keeps no logs$/,
      "stacks/catalogue.ts:34",
    ],
    [
      "an import at the top of the configuration",
      "sst.config.ts",
      (text) => `import "node:fs";\n${text}`,
      /^Your sst\.config\.ts has top level imports - this is not allowed/,
      "sst.config.ts:1",
    ],
  ];
  it.each(mistakes)("%s", async (_, file, edit, message, source) => {
    const app = changed(file, edit);
    await expect(synth({ root: app, stage: "local", platformDir, cacheDir })).rejects.toMatchObject({
      name: "SynthError",
      mistakes: [{ message: expect.stringMatching(message), source }],
    });
  });

  it("a secret without a value, told by the command line with exit code 1", async () => {
    const app = changed("stacks/site.ts", (text) => text);
    const run = promisify(execFile)(
      process.execPath,
      [join(root, "local/synth/cli.ts"), "--root", app, "--platform", platformDir],
      { env: { ...process.env, SST_SECRET_Stamp: undefined } },
    );
    await expect(run).rejects.toMatchObject({
      code: 1,
      stdout: "",
      stderr: "Set a value for Stamp with `sst secret set Stamp <value>`\n    at stacks/catalogue.ts:13\n",
    });
  });
});

describe("The cache of graphs", () => {
  const app = changed("stacks/site.ts", (text) => text);
  const again = () => load({ root: app, stage: "local", platformDir });
  const edit = (file: string, from: string, to: string) =>
    writeFileSync(join(app, file), readFileSync(join(app, file), "utf8").replace(from, to));

  it("answers while all that was read still stands, and no longer", async () => {
    const first = await again();
    expect(first.cached).toBe(false);
    expect(await again()).toEqual({ graph: first.graph, cached: true });

    edit("functions/lend.ts", "damaged", "torn");
    expect((await again()).cached).toBe(true);

    edit("stacks/lending.ts", "size: 5", "size: 7");
    const edited = await again();
    expect(edited.cached).toBe(false);
    expect(edited.graph).not.toEqual(first.graph);
    edit("stacks/lending.ts", "size: 7", "size: 5");
    expect((await again()).graph).toEqual(first.graph);
  });

  it("forgets a graph whose secret or handler changed", async () => {
    await again();
    process.env.SST_SECRET_Stamp = "red";
    const red = await again();
    process.env.SST_SECRET_Stamp = "blue";
    expect(red.cached).toBe(false);
    expect(spec(red.graph, "LookUp").environment.SST_RESOURCE_Stamp).toContain("red");
    await again();
    rmSync(join(app, "functions/tally.ts"));
    await expect(again()).rejects.toThrow("handler not found: functions/tally.handler");
    cpSync(join(fixture, "functions/tally.ts"), join(app, "functions/tally.ts"));
  });

  it("survives a graph cut short", async () => {
    await again();
    const manifest = join(app, ".sst/graph/local.manifest.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").slice(0, 100));
    expect((await again()).cached).toBe(false);
    expect((await again()).cached).toBe(true);
  });

  it("keeps sst-env.d.ts as SST would write it, and leaves an equal one alone", async () => {
    await again();
    const file = join(app, "sst-env.d.ts");
    const text = readFileSync(file, "utf8");
    expect(text).toContain('    "Books": {\n      "name": string\n      "type": "sst.aws.Dynamo"\n    }\n');
    const before = statSync(file).mtimeMs;
    await again();
    expect(statSync(file).mtimeMs).toBe(before);
    rmSync(file);
    await again();
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("tells the same process's next evaluation nothing: another stage has other names", async () => {
    const other = await load({ root: app, stage: "alice", platformDir });
    expect(other.graph.functions.every((f) => f.name.includes("alice"))).toBe(true);
    expect(other.graph.functions.some((f) => f.name.includes("local"))).toBe(false);
  });
});
