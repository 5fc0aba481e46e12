import { LRUCache } from "lru-cache";
import { headerOf } from "../../front/exchange.ts";
import { number, text, texts } from "../../front/read.ts";
import type { Resource } from "../../graph/graph.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { AccessDenied } from "../../permissions/enforce.ts";
import { contextOf } from "../../permissions/policy/context.ts";
import { evaluate } from "../../permissions/policy/evaluate.ts";
import { type Call, methodArn } from "./context.ts";
import { requestAuthorizerEvent, tokenEvent } from "./event.ts";
import { GatewayError } from "./gateway-errors.ts";
import { functionArnOf, invoke } from "./lambda-proxy.ts";

/** What an authorizer said about an identity: kept for its TTL and evaluated anew for every method. */
interface Verdict {
  readonly policy: unknown;
  readonly context: Record<string, unknown>;
  readonly usageIdentifierKey?: string;
  readonly expires: number;
}

/** Decides on one call; throws the gateway error that answers it. */
export type Authorize = (call: Call) => Promise<void>;

const DEFAULT_TTL_S = 300;
const CACHED_IDENTITIES = 10_000;
/** API Gateway gives an authorizer function at most this long. */
const TIMEOUT_MS = 29_000;

const sourceValue = (call: Call, source: string): string | undefined => {
  const [, place, name] = /^method\.request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  if (place === "header" && name) return headerOf(call.headers, name.toLowerCase());
  if (place === "querystring" && name) return call.query.single?.[name];
  const variable = /^stageVariables\.(.+)$/.exec(source)?.[1];
  if (variable) return call.stage.variables?.[variable];
  const context = /^context\.(.+)$/.exec(source)?.[1];
  if (context === "identity.sourceIp") return call.request.sourceIp;
  if (context === "identity.userAgent") return headerOf(call.headers, "user-agent");
  if (context === "httpMethod") return call.request.method;
  if (context === "resourcePath") return call.method?.resourcePath;
  return context === "path" ? call.fullPath : undefined;
};

const sourcesOf = (authorizer: Resource): string[] =>
  (text(authorizer.inputs.identitySource) ?? "method.request.header.Authorization")
    .split(",")
    .map((source) => source.trim())
    .filter((source) => source !== "");

/** Context values reach the integration as text; maps and lists are not allowed in them. */
const stringContext = (value: unknown): Record<string, unknown> => {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (typeof item === "object" && item !== null) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
      return [key, item === null || item === undefined ? null : String(item)];
    }),
  );
};

const readVerdict = (payload: unknown, expires: number): Verdict => {
  const answer = typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : {};
  if (typeof answer.principalId !== "string" || typeof answer.policyDocument !== "object") {
    throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
  }
  const usageIdentifierKey = text(answer.usageIdentifierKey);
  return {
    policy: answer.policyDocument,
    context: { ...stringContext(answer.context), principalId: answer.principalId },
    ...(usageIdentifierKey ? { usageIdentifierKey } : {}),
    expires,
  };
};

/** The condition keys an authorizer's policy may ask for. */
const requestKeys = (call: Call) =>
  contextOf({
    "aws:SourceIp": call.request.sourceIp,
    "aws:UserAgent": headerOf(call.headers, "user-agent") ?? [],
    "aws:Referer": headerOf(call.headers, "referer") ?? [],
    "aws:SecureTransport": "true",
    "aws:CurrentTime": new Date(call.timeMs).toISOString(),
  });

const apply = (call: Call, verdict: Verdict, latencyMs: number): void => {
  const decision = evaluate(verdict.policy, "execute-api:Invoke", methodArn(call), requestKeys(call));
  call.authorizer = { ...verdict.context, integrationLatency: latencyMs };
  if (decision === "allow") {
    if (call.api.apiKeySource === "AUTHORIZER" && verdict.usageIdentifierKey) {
      call.apiKey = verdict.usageIdentifierKey;
    }
    return;
  }
  throw new GatewayError("ACCESS_DENIED", {
    said: `User is not authorized to access this resource${decision === "deny" ? " with an explicit deny" : ""}`,
  });
};

/** The identity of a call, or undefined when a part is missing. */
const identityOf = (call: Call, sources: readonly string[]): string[] | undefined => {
  const values = sources.map((source) => sourceValue(call, source));
  return values.every((value): value is string => value !== undefined && value !== "") ? values : undefined;
};

const ask = async (cloud: Cloud, call: Call, authorizer: Resource, event: unknown): Promise<unknown> => {
  const functionArn = functionArnOf(call, text(authorizer.inputs.authorizerUri) ?? "");
  if (!functionArn) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
  const { region, accountId, id } = call.api;
  const sourceArn = `arn:aws:execute-api:${region}:${accountId}:${id}/authorizers/${authorizer.id}`;
  const outcome = await invoke(cloud, call, functionArn, event, TIMEOUT_MS, sourceArn).catch((error) => {
    if (error instanceof AccessDenied) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
    throw new GatewayError("AUTHORIZER_FAILURE");
  });
  if (outcome.error?.errorMessage === "Unauthorized") throw new GatewayError("UNAUTHORIZED");
  if (outcome.error || outcome.throttled) throw new GatewayError("AUTHORIZER_FAILURE");
  return outcome.payload;
};

/** A TOKEN or REQUEST authorizer: one call per identity within its TTL. */
export const lambdaAuthorizer = (cloud: Cloud, authorizer: Resource): Authorize => {
  const { inputs } = authorizer;
  const token = (text(inputs.type) ?? "TOKEN") === "TOKEN";
  const ttlMs = (number(inputs.authorizerResultTtlInSeconds) ?? DEFAULT_TTL_S) * 1000;
  const sources = token || text(inputs.identitySource) || ttlMs > 0 ? sourcesOf(authorizer) : [];
  const expression = text(inputs.identityValidationExpression);
  const pattern = token && expression ? new RegExp(`^(?:${expression})$`) : undefined;
  const cache = new LRUCache<string, Verdict>({ max: CACHED_IDENTITIES });
  return async (call) => {
    const identity = identityOf(call, sources);
    if (!identity || (pattern && !pattern.test(identity[0] ?? ""))) throw new GatewayError("UNAUTHORIZED");
    // The cache belongs to a stage, and an identity is the list of its values.
    const key = JSON.stringify([call.stage.name, ...identity]);
    const now = cloud.clock.now();
    const cached = ttlMs > 0 ? cache.get(key) : undefined;
    if (cached && cached.expires > now) return apply(call, cached, 0);
    const event = token ? tokenEvent(call, identity[0] ?? "") : requestAuthorizerEvent(call);
    const verdict = readVerdict(await ask(cloud, call, authorizer, event), now + ttlMs);
    if (ttlMs > 0) cache.set(key, verdict);
    apply(call, verdict, call.integration?.latencyMs ?? 0);
  };
};

/** Claims of a verified token, as COGNITO_USER_POOLS hands them on. */
export type VerifyJwt = (
  token: string,
  userPoolArns: readonly string[],
) => Promise<Record<string, unknown> | undefined>;

/** A COGNITO_USER_POOLS authorizer: ID tokens, or access tokens when the method asks for scopes. */
export const cognitoAuthorizer = (authorizer: Resource, verify: VerifyJwt): Authorize => {
  const arns = texts(authorizer.inputs.providerArns);
  const source = sourcesOf(authorizer)[0] ?? "method.request.header.Authorization";
  const expression = text(authorizer.inputs.identityValidationExpression);
  return async (call) => {
    const raw = sourceValue(call, source);
    if (!raw || (expression && !new RegExp(`^(?:${expression})$`).test(raw))) {
      throw new GatewayError("UNAUTHORIZED");
    }
    const claims = await verify(raw.replace(/^Bearer\s+/i, ""), arns);
    const scopes = call.method?.scopes ?? [];
    const wanted = scopes.length > 0 ? "access" : "id";
    if (!claims || claims.token_use !== wanted) throw new GatewayError("UNAUTHORIZED");
    const held = new Set(String(claims.scope ?? "").split(" "));
    if (scopes.length > 0 && !scopes.some((scope) => held.has(scope))) throw new GatewayError("UNAUTHORIZED");
    const shown = Object.entries(claims).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(",") : String(value),
    ]);
    call.authorizer = { claims: Object.fromEntries(shown) };
  };
};
