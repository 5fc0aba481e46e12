import type { AwsCall, Before } from "../gateway/gateway.ts";
import type { AwsFault } from "../gateway/protocol.ts";
import type { FunctionSpec } from "../graph/graph.ts";
import type { Caller } from "../kit/credentials.ts";
import type { ConditionKeys, Permissions } from "../kit/permissions.ts";
import type { Access } from "./access/access.ts";
import { operationOf, requirements } from "./access/requirements.ts";
import { accessDenied, type Denied, sentence } from "./answers.ts";
import { createDecisions } from "./decisions.ts";
import { createDenials } from "./denials.ts";
import { readResourcePolicies } from "./graph/resource-policies.ts";
import { readRoles } from "./graph/roles.ts";
import { describeFunction } from "./names.ts";
import { asRole, type Parts, type PermissionsOptions } from "./parts.ts";
import { drawUp, type Report } from "./report.ts";
import { refusesMapping, refusesService } from "./services.ts";

/** The app's permissions, enforced. */
export interface LocalPermissions extends Permissions {
  /** Stands before every call at the AWS endpoint. */
  readonly before: Before;
  report(): Report;
}

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
  const operation = `${call.service}:${operationOf(call, parts.graph) ?? call.operation}`;
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
