import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import { managedPolicy } from "../managed.ts";
import { MalformedPolicy } from "../policy/conditions.ts";
import { compileDocument, type Statement } from "../policy/document.ts";

/** A role as permissions see it. */
export interface Role {
  readonly arn: string;
  readonly name: string;
  readonly identity: readonly Statement[];
  readonly boundary?: readonly Statement[];
  readonly tags: Readonly<Record<string, string>>;
  readonly source?: string;
}

/** Every role, and what of its policies could not be read. */
export interface Roles {
  readonly byArn: ReadonlyMap<string, Role>;
  readonly warnings: readonly string[];
}

type Warn = (line: string) => void;

const compileAt = (document: unknown, policy: string, { name, source }: Resource): Statement[] => {
  try {
    return compileDocument(document, { policy, ...(source ? { source } : {}) });
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw new Error(`${name} (${source ?? "no line known"}): ${policy} is malformed: ${error.message}`);
  }
};

const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** The statements of a managed policy: AWS's own, or one the graph makes. */
const managed = (graph: Graph, arn: string, user: Resource, warn: Warn): Statement[] => {
  const own = byType(graph, "aws:iam/policy:Policy").find((p) => p.outputs.arn === arn);
  if (own) return compileAt(own.inputs.policy, `policy ${own.name}`, own);
  const document = managedPolicy(arn);
  if (document) return compileAt(document, arn.split("/").at(-1) ?? arn, user);
  warn(`${user.name} (${user.source ?? "?"}): ${arn} is not known here, so it grants nothing`);
  return [];
};

const attachedTo = (graph: Graph, role: Resource): { arn: string; by: Resource }[] => {
  const names = new Set<unknown>([role.id, role.inputs.name, role.outputs.arn]);
  const single = byType(graph, "aws:iam/rolePolicyAttachment:RolePolicyAttachment").filter((a) =>
    names.has(a.inputs.role),
  );
  const many = byType(graph, "aws:iam/policyAttachment:PolicyAttachment").filter((a) =>
    list(a.inputs.roles).some((name) => names.has(name)),
  );
  return [...single, ...many].map((by) => ({ arn: String(by.inputs.policyArn), by }));
};

const inlineOf = (graph: Graph, role: Resource): Statement[] => {
  const within = list(role.inputs.inlinePolicies).flatMap((entry) => {
    const { name, policy } = entry as { name?: string; policy?: unknown };
    return policy === undefined ? [] : compileAt(policy, `inline policy "${name ?? ""}"`, role);
  });
  const beside = byType(graph, "aws:iam/rolePolicy:RolePolicy")
    .filter(({ inputs }) => inputs.role === role.id || inputs.role === role.outputs.arn)
    .flatMap((policy) => compileAt(policy.inputs.policy, `inline policy ${policy.name}`, policy));
  return [...within, ...beside];
};

const tagsOf = (resource: Resource): Record<string, string> => ({
  ...(resource.outputs.tagsAll as Record<string, string> | undefined),
  ...(resource.inputs.tags as Record<string, string> | undefined),
});

const readRole = (graph: Graph, role: Resource, warn: Warn): Role => {
  const attachments = [
    ...list(role.inputs.managedPolicyArns).map((arn) => ({ arn: String(arn), by: role })),
    ...attachedTo(graph, role),
  ];
  const boundary = role.inputs.permissionsBoundary;
  return {
    arn: String(role.outputs.arn),
    name: String(role.outputs.name ?? role.id),
    identity: [
      ...inlineOf(graph, role),
      ...attachments.flatMap(({ arn, by }) => managed(graph, arn, by, warn)),
    ],
    ...(typeof boundary === "string" ? { boundary: managed(graph, boundary, role, warn) } : {}),
    tags: tagsOf(role),
    ...(role.source ? { source: role.source } : {}),
  };
};

/** Reads every role of the graph, with inline, attached and managed policies. */
export const readRoles = (graph: Graph): Roles => {
  const warnings: string[] = [];
  const warn: Warn = (line) => void warnings.push(line);
  const made = byType(graph, "aws:iam/role:Role").filter((role) => {
    if (role.inputs.assumeRolePolicy !== undefined) return true;
    warn(
      `${role.name} (${role.source ?? "?"}) is a role the stacks only refer to: what it may do is not checked`,
    );
    return false;
  });
  const roles = made.map((role) => readRole(graph, role, warn));
  return { byArn: new Map(roles.map((role) => [role.arn, role])), warnings };
};
