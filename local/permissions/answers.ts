import type { AwsFault, Protocol } from "../gateway/protocol.ts";
import type { Refusal, Verdict } from "./policy/evaluate.ts";

/** What was asked for in vain. */
export interface Denied {
  /** As AWS writes who asks: `arn:aws:sts::…:assumed-role/<role>/<function>`. */
  readonly who: string;
  readonly action: string;
  readonly resource: string;
  readonly verdict: Verdict;
}

const REASONS: Readonly<Record<Refusal, (action: string) => string>> = {
  "deny-identity": () => "with an explicit deny in an identity-based policy",
  "deny-boundary": () => "with an explicit deny in a permissions boundary",
  "deny-resource": () => "with an explicit deny in a resource-based policy",
  "no-identity": (action) => `because no identity-based policy allows the ${action} action`,
  "no-boundary": (action) => `because no permissions boundary allows the ${action} action`,
  "no-resource": (action) => `because no resource-based policy allows the ${action} action`,
};

/** SQS writes its actions small, SNS its prefix large. */
const spelled = (action: string): string => {
  if (action.startsWith("sqs:")) return action.toLowerCase();
  return action.startsWith("sns:") ? action.replace("sns:", "SNS:") : action;
};

/** API Gateway hides all but the end of an account's id. */
const masked = (resource: string) =>
  resource.replace(/^(arn:aws:execute-api:[^:]*:)\d{8}(\d{4}:)/, "$1********$2");

/** The sentence of AWS's own services. */
export const sentence = ({ who, action, resource, verdict }: Denied): string => {
  const named = spelled(action);
  if (action.startsWith("ses:"))
    return `User \`${who}' is not authorized to perform \`${named}' on resource \`${resource}'`;
  const shown = action.startsWith("s3:") ? `"${resource}"` : masked(resource);
  const on = resource === "*" ? "" : ` on resource: ${shown}`;
  const why = REASONS[verdict.refusal ?? "no-identity"](named);
  return `User: ${who} is not authorized to perform: ${named}${on} ${why}`;
};

/** JSON services answer 400, the older families and REST 403; clients that once spoke the query protocol learn its code. */
const codeOf = (service: string, protocol: Protocol): Pick<AwsFault, "status" | "code" | "headers"> => {
  if (service === "sns") return { status: 403, code: "AuthorizationError" };
  if (protocol === "query" || protocol === "rest-xml") return { status: 403, code: "AccessDenied" };
  if (protocol === "rest-json") return { status: 403, code: "AccessDeniedException" };
  const once = service === "sqs" || service === "monitoring";
  const headers = once ? { headers: { "x-amzn-query-error": "AccessDenied;Sender" } } : {};
  return { status: 400, code: "AccessDeniedException", ...headers };
};

/** The error AWS would answer; `where` (the line of the stack) stands at its end. */
export const accessDenied = (
  service: string,
  protocol: Protocol,
  denied: Denied,
  where: string | undefined,
): AwsFault => ({
  ...codeOf(service, protocol),
  message: `${sentence(denied)}${where ? ` (${where})` : ""}`,
});
