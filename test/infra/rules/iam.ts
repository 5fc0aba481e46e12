import { byType } from "../../../local/graph/graph.ts";
import { managedPolicies, type Statement, statementsOf, withoutResourceLevel } from "../kit/policy.ts";
import { each, rule } from "../kit/rule.ts";

const ROLE = "aws:iam/role:Role";

const isWholeService = (action: string) => action === "*" || /^[\w-]+:\*$/.test(action);

// `*`, or an ARN that names no resource: `arn:aws:dynamodb:*:*:*`.
const isEverything = (resource: string) =>
  resource === "*" || /^arn:[^:]*:[^:]*:[^:]*:[^:]*:\*$/.test(resource);

/** Actions that a statement allows on everything although IAM could tell resources apart for them. */
const tooWide = ({ allows, actions, resources }: Statement): readonly string[] =>
  allows && resources.some(isEverything) ? actions.filter((action) => !withoutResourceLevel.has(action)) : [];

export const iamRules = [
  rule(13, "No role may do everything, or everything of a service", (graph) =>
    each(byType(graph, ROLE), (role) =>
      statementsOf(graph, role)
        .filter(({ allows }) => allows)
        .flatMap(({ actions }) => actions.filter(isWholeService))
        .map((action) => `may ${action}`),
    ),
  ),
  rule(14, "No role acts on everything, where IAM knows resources", (graph) =>
    each(byType(graph, ROLE), (role) =>
      statementsOf(graph, role)
        .flatMap(tooWide)
        .map((action) => `may ${action} on every resource`),
    ),
  ),
  rule(15, "No role has a policy that AWS manages", (graph) =>
    each(byType(graph, ROLE), (role) =>
      managedPolicies(graph, role)
        .filter((policy) => policy.includes(":aws:policy/"))
        .map((policy) => `has ${policy.split("/").at(-1)}`),
    ),
  ),
];
