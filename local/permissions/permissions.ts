import type { AwsCall, Before } from "../gateway/gateway.ts";
import type { AwsFault } from "../gateway/protocol.ts";
import type { FunctionSpec, Graph } from "../graph/graph.ts";
import type { Clock } from "../kit/clock.ts";
import type { Caller } from "../kit/credentials.ts";
import type { ConditionKeys, Permissions, ServiceAct } from "../kit/permissions.ts";
import type { Access } from "./access/access.ts";
import { operationOf, requirements } from "./access/requirements.ts";
import { accessDenied, type Denied, sentence } from "./answers.ts";
import { createDecisions, type Decisions } from "./decisions.ts";
import { createDenials, type Denials } from "./denials.ts";
import { type ResourcePolicies, readResourcePolicies } from "./graph/resource-policies.ts";
import { type Role, type Roles, readRoles } from "./graph/roles.ts";
import { mappingAccess } from "./mappings.ts";
import { describeFunction } from "./names.ts";
import type { Subject } from "./policy/principal.ts";
import { actingRole, servicePrincipal, sourceArnOf } from "./principals.ts";
import { drawUp, type Report } from "./report.ts";

/** What permissions are made from. */
export interface PermissionsOptions {
  readonly graph: Graph;
  readonly clock: Clock;
  readonly print: (line: string) => void;
}

/** The app's permissions, enforced. */
export interface LocalPermissions extends Permissions {
  /** Stands before every call at the AWS endpoint. */
  readonly before: Before;
  /** What is known of each role. */
  readonly roles: Roles;
  report(): Report;
}

interface Parts extends PermissionsOptions {
  readonly roles: Roles;
  readonly resources: ResourcePolicies;
  readonly decisions: Decisions;
  readonly denials: Denials;
  readonly functions: ReadonlyMap<string, FunctionSpec>;
}

const sessionOf = (account: string, role: string, session: string) =>
  `arn:aws:sts::${account}:assumed-role/${role}/${session}`;

const asRole = ({ graph }: Parts, role: Role, session: string): Extract<Subject, { kind: "role" }> => ({
  kind: "role",
  roleArn: role.arn,
  sessionArn: sessionOf(graph.accountId, role.name, session),
  account: graph.accountId,
});

/** A caller's refusal of one access, or nothing. */
const refused = (
  parts: Parts,
  caller: Caller,
  access: Access,
  request?: AwsCall["request"],
): Denied | undefined => {
  const { functionArn } = caller;
  const role = parts.roles.byArn.get(caller.roleArn ?? "");
  // The developer's keys, or a role that the stacks only refer to: its policies are not theirs to know.
  if (!role || functionArn === undefined) return undefined;
  const subject = asRole(parts, role, functionArn.split(":").at(6) ?? "session");
  const headers = request?.headers;
  const facts = {
    functionArn,
    ...(request?.region ? { region: request.region } : {}),
    ...(headers?.["user-agent"] ? { userAgent: headers["user-agent"] } : {}),
    ...(headers?.referer ? { referer: headers.referer } : {}),
  };
  const verdict = parts.decisions.decide({ subject, role, access, facts });
  if (verdict.allowed) return undefined;
  const { action, resource } = access;
  return { who: subject.sessionArn, action, resource, verdict };
};

/** Where a refusal comes from: the denying statement's line, else the line that declares the function. */
const whereOf = (spec: FunctionSpec | undefined, denied: Denied): string | undefined =>
  denied.verdict.statements[0]?.origin.source ?? spec?.source;

const unknown = (call: AwsCall, parts: Parts, caller: Caller): AwsFault => {
  const operation = `${call.service}:${operationOf(call) ?? call.operation}`;
  const message = `The local cloud does not know which permission ${operation} needs, so no function may call it.`;
  parts.print(`✗ ${message} Caller: ${describeFunction(parts.functions.get(caller.functionArn ?? ""))}`);
  return { status: 501, code: "NotImplemented", message };
};

const beforeCall =
  (parts: Parts): Before =>
  (call) => {
    const { caller } = call.request;
    if (caller?.functionArn === undefined) return undefined;
    const needed = requirements(call, parts.graph);
    if (needed === undefined) return unknown(call, parts, caller);
    for (const access of needed) {
      const denied = refused(parts, caller, access, call.request);
      if (!denied) continue;
      const spec = parts.functions.get(caller.functionArn);
      const missing = parts.denials.ofFunction(spec, denied);
      const fault = accessDenied(call.service, call.protocol, denied, whereOf(spec, denied));
      return { ...fault, detail: { missing } };
    }
    return undefined;
  };

const refusesCaller =
  (parts: Parts) => (caller: Caller | undefined, action: string, resource: string, keys?: ConditionKeys) => {
    if (caller?.functionArn === undefined) return undefined;
    const denied = refused(parts, caller, { action, resource, ...(keys ? { context: () => keys } : {}) });
    if (!denied) return undefined;
    parts.denials.ofFunction(parts.functions.get(caller.functionArn), denied);
    return sentence(denied);
  };

const refusesService =
  (parts: Parts) =>
  (act: ServiceAct): string | undefined => {
    const roleArn = actingRole(parts.graph, act);
    const role = parts.roles.byArn.get(roleArn ?? "");
    if (roleArn !== undefined && !role) return undefined; // a role that the stacks only refer to
    const service = servicePrincipal(act.sourceArn);
    if (!role && !service) return undefined;
    // Within one account a bus hands on to a bus unasked.
    if (!role && act.action === "events:PutEvents" && service === "events.amazonaws.com") return undefined;
    const session = act.sourceArn.split(/[/:]/).at(-1) ?? "session";
    const subject: Subject = role
      ? asRole(parts, role, session)
      : { kind: "service", service: service ?? "" };
    const facts = role ? {} : { service: service ?? "", sourceArn: sourceArnOf(parts.graph, act.sourceArn) };
    const { action, resource } = act;
    const verdict = parts.decisions.decide({
      subject,
      ...(role ? { role } : {}),
      access: { action, resource },
      facts,
    });
    if (verdict.allowed) return undefined;
    const who = subject.kind === "role" ? subject.sessionArn : (service ?? "");
    const denied: Denied = { who, action, resource, verdict };
    const spec = parts.functions.get(act.sourceArn);
    if (spec) parts.denials.ofFunction(spec, denied);
    else parts.denials.ofService(act, denied);
    return sentence(denied);
  };

const refusesMapping =
  (parts: Parts) =>
  (functionArn: string, sourceArn: string): string | undefined => {
    const spec = parts.functions.get(functionArn);
    const role = parts.roles.byArn.get(spec?.roleArn ?? "");
    if (!spec || !role) return undefined;
    const subject = asRole(parts, role, spec.name);
    const refusals = mappingAccess(sourceArn).flatMap((access) => {
      const verdict = parts.decisions.decide({ subject, role, access, facts: { functionArn } });
      if (verdict.allowed) return [];
      const denied: Denied = { who: subject.sessionArn, ...access, verdict };
      parts.denials.ofFunction(spec, denied);
      return [access.action];
    });
    return refusals.length === 0
      ? undefined
      : `The function execution role does not have permissions to call ${refusals.join(", ")} on ${sourceArn}`;
  };

const anonymous =
  (parts: Parts) =>
  (action: string, resource: string, keys?: ConditionKeys): "allow" | "deny" | "none" => {
    const access = { action, resource, ...(keys ? { context: () => keys } : {}) };
    const { allowed, refusal } = parts.decisions.decide({
      subject: { kind: "anonymous" },
      access,
      facts: {},
    });
    if (allowed) return "allow";
    return refusal === "deny-resource" ? "deny" : "none";
  };

/** Reads roles and policies out of the graph, ready to decide. Throws where AWS would take a policy for malformed. */
export const createPermissions = (options: PermissionsOptions): LocalPermissions => {
  const { graph, clock } = options;
  const roles = readRoles(graph);
  for (const warning of roles.warnings) options.print(`! ${warning}`);
  const resources = readResourcePolicies(graph);
  const decisions = createDecisions(graph, clock, resources);
  const denials = createDenials(graph, options.print);
  const functions = new Map(graph.functions.map((spec) => [spec.arn, spec]));
  const parts: Parts = { ...options, roles, resources, decisions, denials, functions };
  return {
    before: beforeCall(parts),
    roles,
    refuses: refusesCaller(parts),
    refusesService: refusesService(parts),
    refusesMapping: refusesMapping(parts),
    anonymous: anonymous(parts),
    setResourcePolicy(resourceArn, document) {
      resources.set(resourceArn, document);
      decisions.forget();
    },
    report: () => drawUp(graph, roles.byArn, denials.all()),
  };
};
