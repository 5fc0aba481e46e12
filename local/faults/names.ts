import { functionByArn, type Graph } from "../graph/graph.ts";

/** Every name of a function: in the stacks, in AWS, its ARN. Its name in the stacks comes first: that is what a log shows. */
export const namesOf = (graph: Pick<Graph, "functions">, arn: string | undefined): readonly string[] => {
  if (arn === undefined) return [];
  const spec = functionByArn(graph as Graph, arn);
  return spec ? [spec.component, spec.name, spec.arn] : [arn];
};

/** A resource's ARN and the name at its end. */
export const namesOfArn = (arn: string): readonly string[] => [
  arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1),
  arn,
];
