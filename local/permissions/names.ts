import type { FunctionSpec, Graph } from "../graph/graph.ts";
import { resourceOf } from "./context.ts";

/** A resource as its stack calls it: `Books`, `Books/index/byAuthor`; the ARN where the stacks know it not. */
export const nameOfResource = (graph: Graph, arn: string): string => {
  const found = resourceOf(graph, arn);
  if (!found) return arn;
  const parent = graph.resources.find((r) => r.urn === found.parent);
  const own = String(found.outputs.arn);
  return (parent?.type.startsWith("sst:") ? parent.name : found.name) + arn.slice(own.length);
};

// What a stack is likely to call a variable of the type.
const VARIABLES: Readonly<Record<string, string>> = {
  "aws:dynamodb/table:Table": "table",
  "aws:sqs/queue:Queue": "queue",
  "aws:sns/topic:Topic": "topic",
  "aws:cloudwatch/eventBus:EventBus": "bus",
  "aws:s3/bucket:Bucket": "bucket",
  "aws:s3/bucketV2:BucketV2": "bucket",
  "aws:lambda/function:Function": "fn",
  "aws:secretsmanager/secret:Secret": "secret",
};

/** A resource as a stack would write it: `table.arn`, with what follows in a template. */
const written = (graph: Graph, arn: string): string => {
  const found = resourceOf(graph, arn);
  const variable = found && VARIABLES[found.type];
  if (!found || !variable) return JSON.stringify(arn);
  const own = String(found.outputs.arn);
  const rest = variable === "bucket" && arn.length > own.length ? "/*" : arn.slice(own.length);
  return rest === "" ? `${variable}.arn` : `$interpolate\`\${${variable}.arn}${rest}\``;
};

/** The line that would grant it, ready to paste into the function's arguments. */
export const permissionLine = (graph: Graph, action: string, resource: string): string =>
  `permissions: [{ actions: [${JSON.stringify(action)}], resources: [${written(graph, resource)}] }]`;

/** A function as people know it: component, and the line that declares it. */
export const describeFunction = (spec: FunctionSpec | undefined): string =>
  spec ? `${spec.component}${spec.source ? `, ${spec.source}` : ""}` : "a function the stacks do not know";
