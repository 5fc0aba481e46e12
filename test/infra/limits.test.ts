import { describe, expect, it } from "vitest";
import { byType, type Graph, type Resource } from "../../local/graph/graph.ts";
import { at, input, json, list, text } from "./kit/read.ts";
import { kinds, loadStages } from "./stages.ts";

const graphs = await loadStages();

const bytes = (value: string) => Buffer.byteLength(value);
const compact = (value: unknown) => text(value).replace(/\s+/g, "").length; // IAM does not count white space

/** What AWS refuses at deploy time: a type, its size, and the most it may be. Sources: the service quotas pages. */
const quotas: readonly [what: string, type: string, size: (resource: Resource) => number, most: number][] = [
  [
    "bytes of a function at the edge",
    "aws:cloudfront/function:Function",
    (r) => bytes(text(r.inputs.code)),
    10_240,
  ],
  [
    "bytes of a function's environment",
    "aws:lambda/function:Function",
    (r) => bytes(JSON.stringify(input(r, "environment", "variables") ?? {})),
    4_096,
  ],
  [
    "characters of a role's inline policies",
    "aws:iam/role:Role",
    (r) =>
      list(r.inputs.inlinePolicies).reduce<number>((sum, policy) => sum + compact(at(policy, "policy")), 0),
    10_240,
  ],
  ["characters of a role's name", "aws:iam/role:Role", (r) => text(r.outputs.name).length, 64],
  ["characters of a function's name", "aws:lambda/function:Function", (r) => text(r.outputs.name).length, 64],
  ["characters of a queue's name", "aws:sqs/queue:Queue", (r) => text(r.outputs.name).length, 80],
  ["characters of a bucket's name", "aws:s3/bucket:Bucket", (r) => text(r.outputs.bucket).length, 63],
  [
    "tags of an object",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    (r) => Object.keys(r.inputs.tags ?? {}).length,
    10,
  ],
  ["indexes of a table", "aws:dynamodb/table:Table", (r) => list(r.inputs.globalSecondaryIndexes).length, 20],
  [
    "widgets of a dashboard",
    "aws:cloudwatch/dashboard:Dashboard",
    (r) => list(at(json(r.inputs.dashboardBody), "widgets")).length,
    500,
  ],
];

const sizes = (graph: Graph, type: string, size: (resource: Resource) => number) =>
  byType(graph, type).map((resource) => ({ name: resource.name, size: size(resource) }));

describe.each(kinds)("the %s stage fits into AWS's quotas", (kind) => {
  it.each(quotas)("%s", (_what, type, size, most) => {
    const found = sizes(graphs[kind], type, size);
    expect(Math.max(...found.map((one) => one.size))).toBeGreaterThan(0);
    expect(found.filter((one) => one.size > most)).toEqual([]);
  });

  it("names no two resources of a type alike", () => {
    const names = graphs[kind].resources
      .filter((resource) => typeof resource.inputs.name === "string" && resource.type.startsWith("aws:"))
      // Every API's authorizers, models and keys are named within it.
      .filter((resource) => !resource.type.startsWith("aws:apigateway/"))
      .map((resource) => `${resource.type} ${resource.inputs.name}`);
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
