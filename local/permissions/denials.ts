import type { FunctionSpec, Graph } from "../graph/graph.ts";
import type { ServiceAct } from "../kit/permissions.ts";
import { type Denied, sentence } from "./answers.ts";
import { describeFunction, nameOfResource, permissionLine } from "./names.ts";
import type { Denial } from "./report.ts";

/** What is missing, for a span. */
export interface Missing {
  readonly function: string;
  readonly action: string;
  readonly resource: string;
  readonly source?: string;
  readonly grant: string;
}

/** Tells each refusal once on the terminal, and counts it. */
export interface Denials {
  ofFunction(spec: FunctionSpec | undefined, denied: Denied): Missing;
  ofService(act: ServiceAct, denied: Denied): void;
  all(): readonly Denial[];
}

/** Refusals told apart; objects have names without end, so these are counted under their bucket. */
const MOST = 1_000;

const nameable = (graph: Graph, arn: string) =>
  nameOfResource(graph, arn.startsWith("arn:aws:s3:::") ? arn.replace(/\/.*$/, "/*") : arn);

const reason = ({ verdict: { refusal = "no-identity", statements } }: Denied): string => {
  const origin = statements[0]?.origin;
  if (origin) return `explicit deny in ${origin.policy}${origin.source ? ` (${origin.source})` : ""}`;
  const kind = {
    identity: "identity-based policy",
    boundary: "permissions boundary",
    resource: "resource-based policy",
  };
  return `no ${kind[refusal.split("-")[1] as keyof typeof kind]} allows it`;
};

/** An empty record of refusals. */
export const createDenials = (graph: Graph, print: (line: string) => void): Denials => {
  const known = new Map<string, Denial>();

  const note = (denial: Omit<Denial, "count">, tell: () => string[]) => {
    const key = JSON.stringify([denial.who, denial.action, denial.resource, denial.why]);
    const found = known.get(key);
    if (found) {
      found.count += 1;
      return;
    }
    if (known.size < MOST) known.set(key, { ...denial, count: 1 });
    print(tell().join("\n    "));
  };

  return {
    ofFunction(spec, denied) {
      const { action } = denied;
      const resource = nameable(graph, denied.resource);
      const grant = permissionLine(graph, action, denied.resource);
      const source = spec?.source ? { source: spec.source } : {};
      const why = reason(denied);
      const lacks = denied.verdict.refusal === "no-identity" ? { grant } : {};
      note({ who: spec?.component ?? denied.who, action, resource, why, ...source, ...lacks }, () => [
        `✗ ${describeFunction(spec)}: ${action} on ${resource} is denied: ${why}`,
        ...(spec ? [spec.handler] : []),
        ...(denied.verdict.refusal === "no-identity" ? [grant] : []),
      ]);
      return { function: spec?.component ?? denied.who, action, resource, ...source, grant };
    },
    ofService(act, denied) {
      const { action } = denied;
      const resource = nameable(graph, act.resource);
      const who = nameOfResource(graph, act.sourceArn);
      const source = act.declaredAt ? { source: act.declaredAt } : {};
      note({ who, action, resource, why: reason(denied), ...source }, () => [
        `✗ ${who} → ${resource}${act.declaredAt ? ` (${act.declaredAt})` : ""}: ${sentence(denied)}`,
        ...(denied.verdict.refusal === "no-resource"
          ? [
              `the policy of ${resource} must allow ${action} to ${denied.who} with aws:SourceArn ${act.sourceArn}`,
            ]
          : []),
      ]);
    },
    all: () => [...known.values()],
  };
};
