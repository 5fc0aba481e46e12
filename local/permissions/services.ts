import type { ServiceAct } from "../kit/permissions.ts";
import { type Denied, sentence } from "./answers.ts";
import { mappingAccess } from "./mappings.ts";
import { asRole, type Parts } from "./parts.ts";
import type { Subject } from "./policy/principal.ts";
import { actingRole, servicePrincipal, sourceArnOf } from "./principals.ts";

/**
 * Within one account a bus hands on to a bus, AWS's services tell the default bus, and alarms tell a topic that was given
 * no policy (its default one names the account), all without anything being stated.
 */
const unasked = ({ resources }: Parts, service: string | undefined, { action, resource }: ServiceAct) =>
  action === "events:PutEvents"
    ? service === "events.amazonaws.com" || resource.endsWith(":event-bus/default")
    : service === "cloudwatch.amazonaws.com" && resources.of(resource) === undefined;

/** Why AWS would not do something of itself: the role it assumes, or else the target's policy, must let it. */
export const refusesService =
  (parts: Parts) =>
  (act: ServiceAct): string | undefined => {
    const roleArn = actingRole(parts.graph, act);
    const role = parts.roles.byArn.get(roleArn ?? "");
    if (roleArn !== undefined && !role) return undefined; // a role that the stacks only refer to
    const service = servicePrincipal(act.sourceArn);
    if (!role && !service) return undefined;
    if (!role && unasked(parts, service, act)) return undefined;
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
    if (spec && !act.onlyAsks) parts.denials.ofFunction(spec, denied);
    else if (!act.onlyAsks) parts.denials.ofService(act, denied);
    return sentence(denied);
  };

/** Why a function's role cannot read an event source. */
export const refusesMapping =
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
