import { describe, expect, it } from "vitest";
import { apiExamples } from "./examples/api.ts";
import { dataExamples } from "./examples/data.ts";
import { edgeExamples } from "./examples/edge.ts";
import { eventExamples } from "./examples/events.ts";
import { iamExamples } from "./examples/iam.ts";
import { lambdaExamples } from "./examples/lambda.ts";
import { messagingExamples } from "./examples/messaging.ts";
import { operationExamples } from "./examples/operations.ts";
import { sourceExamples } from "./examples/sources.ts";
import { type Example, graphOf } from "./kit/example.ts";
import type { Verdict } from "./kit/rule.ts";
import { rules } from "./rules.ts";

const examples = [
  ...lambdaExamples,
  ...iamExamples,
  ...sourceExamples,
  ...messagingExamples,
  ...eventExamples,
  ...apiExamples,
  ...dataExamples,
  ...edgeExamples,
  ...operationExamples,
].toSorted((a, b) => a.rule - b.rule);

const judge = ({ rule, stage }: Example, resources: Example["kept"]): Verdict => {
  const found = rules.find(({ number }) => number === rule);
  if (!found) throw new Error(`There is no rule ${rule}`);
  return found.check(graphOf(resources, stage));
};

describe("each rule has an example", () => {
  it("and only one", () => {
    expect(examples.map(({ rule }) => rule)).toEqual(rules.map(({ number }) => number));
  });
});

describe.each(examples.map((example) => [example.rule, example] as const))("rule %i", (_number, example) => {
  it("looks at the example and has nothing against it", () => {
    const { looked, violations } = judge(example, example.kept);
    expect(violations).toEqual([]);
    expect(looked).toBeGreaterThan(0);
  });

  it.each(Object.entries(example.broken))("objects to: %s", (_name, breaks) => {
    const broken = breaks(example.kept);
    expect(broken).not.toEqual(example.kept);
    expect(judge(example, broken).violations).not.toEqual([]);
  });
});
