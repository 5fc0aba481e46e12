import type { FunctionSpec, Graph } from "../graph/graph.ts";
import type { Clock } from "../kit/clock.ts";
import type { Decisions } from "./decisions.ts";
import type { Denials } from "./denials.ts";
import type { ResourcePolicies } from "./graph/resource-policies.ts";
import type { Role, Roles } from "./graph/roles.ts";
import type { Subject } from "./policy/principal.ts";

/** What permissions are made from. */
export interface PermissionsOptions {
  readonly graph: Graph;
  readonly clock: Clock;
  readonly print: (line: string) => void;
}

/** What every decision works with. */
export interface Parts extends PermissionsOptions {
  readonly roles: Roles;
  readonly resources: ResourcePolicies;
  readonly decisions: Decisions;
  readonly denials: Denials;
  readonly functions: ReadonlyMap<string, FunctionSpec>;
}

/** A role as it is assumed under a session's name: a function's own. */
export const asRole = (
  { graph }: Pick<Parts, "graph">,
  role: Role,
  session: string,
): Extract<Subject, { kind: "role" }> => ({
  kind: "role",
  roleArn: role.arn,
  sessionArn: `arn:aws:sts::${graph.accountId}:assumed-role/${role.name}/${session}`,
  account: graph.accountId,
});
