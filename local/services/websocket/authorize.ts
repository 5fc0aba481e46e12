import { type EdgeRequest, headerOf, parseQuery } from "../../front/exchange.ts";
import { signedBy } from "../../front/signed.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { evaluate } from "../../permissions/policy/evaluate.ts";
import { authorizerEvent, type Call, requestContext, routeArn } from "./context.ts";
import { invoke } from "./invoke.ts";
import { type Authorizer, LIMITS } from "./model.ts";
import { Refusal } from "./refusal.ts";

const sourceValue = (call: Call, source: string): unknown => {
  const { peer } = call;
  const [, place, name = ""] = /^route\.request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  if (place === "header") return headerOf(peer.headers, name.toLowerCase());
  if (place === "querystring") return parseQuery(peer.query).findLast(([key]) => key === name)?.[1];
  const variable = /^stageVariables\.(.+)$/.exec(source)?.[1];
  if (variable) return peer.stage.variables[variable];
  const path = /^context\.(.+)$/.exec(source)?.[1] ?? "";
  return path.split(".").reduce<unknown>((value, part) => Object(value)[part], requestContext(call));
};

/** Context values reach the integrations as text; maps and lists are not allowed among them. */
const readContext = (value: unknown): Record<string, unknown> => {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw new Refusal("AuthorizerConfigurationException");
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (typeof item === "object" && item !== null) throw new Refusal("AuthorizerConfigurationException");
      return [key, item === null || item === undefined ? null : String(item)];
    }),
  );
};

const readVerdict = (call: Call, payload: unknown): void => {
  const answer = Object(payload) as Record<string, unknown>;
  const { principalId, policyDocument, context } = answer;
  if (typeof principalId !== "string" || typeof policyDocument !== "object" || policyDocument === null) {
    throw new Refusal("AuthorizerConfigurationException");
  }
  if (Buffer.byteLength(JSON.stringify(answer)) > LIMITS.authorizerResultBytes) {
    throw new Refusal("AuthorizerConfigurationException");
  }
  const decision = evaluate(policyDocument, "execute-api:Invoke", routeArn(call));
  if (decision !== "allow") {
    const explicit = decision === "deny" ? " with an explicit deny" : "";
    throw new Refusal("AccessDeniedException", `User is not authorized to access this resource${explicit}`);
  }
  call.peer.authorizer = { ...readContext(context), principalId };
  if (typeof answer.usageIdentifierKey === "string") call.peer.usageKey = answer.usageIdentifierKey;
};

/** Asks a Lambda authorizer, once for the handshake: a WebSocket API keeps no results. A missing identity is refused unasked. */
const askAuthorizer = async (cloud: Cloud, call: Call, authorizer: Authorizer): Promise<void> => {
  const complete = authorizer.identitySources.every((source) => {
    const value = sourceValue(call, source);
    return value !== undefined && value !== null && value !== "";
  });
  if (!complete) throw new Refusal("UnauthorizedException");
  const sourceArn = `${call.peer.api.executionArn}/authorizers/${authorizer.id}`;
  const target = { uri: authorizer.uri, timeoutMs: LIMITS.integrationMs, sourceArn };
  const outcome = await invoke(cloud, call, target, authorizerEvent(call)).catch(() => {
    throw new Refusal("AuthorizerFailureException");
  });
  if (outcome.error?.errorMessage === "Unauthorized") throw new Refusal("UnauthorizedException");
  if (outcome.error || outcome.throttled) throw new Refusal("AuthorizerFailureException");
  readVerdict(call, outcome.payload);
};

const checkSignature = async (cloud: Cloud, call: Call, request: EdgeRequest) => {
  const claimed =
    headerOf(request.headers, "authorization") !== undefined || /(^|&)X-Amz-Signature=/.test(request.query);
  if (!claimed) throw new Refusal("MissingAuthenticationTokenException");
  const outcome = await signedBy(cloud)(request);
  if ("error" in outcome) throw new Refusal("InvalidSignatureException", outcome.error);
  const { caller } = outcome;
  const arn = routeArn(call);
  const who = caller.roleArn ?? caller.accessKeyId;
  const said = cloud.permissions?.refuses(caller, "execute-api:Invoke", arn);
  if (said !== undefined) throw new Refusal("AccessDeniedException", said);
  call.peer.identity = {
    accountId: cloud.graph.accountId,
    caller: caller.accessKeyId,
    accessKey: caller.accessKeyId,
    user: caller.accessKeyId,
    userArn: who,
  };
};

/** Lets a handshake in, or throws the refusal that answers it. */
export const authorize = async (cloud: Cloud, call: Call, request: EdgeRequest): Promise<void> => {
  const { route } = call;
  if (route?.authorization === "AWS_IAM") return checkSignature(cloud, call, request);
  if (route?.authorizer && route.authorization === "CUSTOM") {
    return askAuthorizer(cloud, call, route.authorizer);
  }
};
