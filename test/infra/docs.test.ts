import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { byType, type Graph } from "../../local/graph/graph.ts";
import { loadStages } from "./stages.ts";

const graphs = await loadStages();
const page = readFileSync(join(import.meta.dirname, "../../docs/aws.md"), "utf8");

const count = (graph: Graph, type: string) => byType(graph, type).length;
const resources = ({ resources }: Graph) => resources.filter(({ type }) => type.startsWith("aws:")).length;

it("docs/aws.md says how many resources and alarms the stages have", () => {
  const any = graphs.default;
  const held = [
    `${any.functions.length} functions`,
    `${count(any, "aws:dynamodb/table:Table")} tables`,
    `${count(any, "aws:sqs/queue:Queue")} queues`,
    `${count(any, "aws:s3/bucket:Bucket")} buckets`,
  ].join(", ");
  const alarms = (graph: Graph) => count(graph, "aws:cloudwatch/metricAlarm:MetricAlarm");
  const row = (start: string) => page.split("\n").find((line) => line.startsWith(start));
  expect(row("| resources of AWS")).toContain(
    `| ${resources(any)}, in ${held} | ${resources(graphs.production)} |`,
  );
  expect(row("| alarms |")).toContain(
    `| alarms | ${alarms(any)}, of kinds for all functions together | ${alarms(graphs.production)},`,
  );
});
