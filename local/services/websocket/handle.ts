import { headerOf } from "../../front/exchange.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { type Take, tokenBucket } from "../apigateway/throttle.ts";
import { createUsagePlans } from "../apigateway/usage-plans.ts";
import type { Call } from "./context.ts";
import { type Answer, integrate } from "./integrate.ts";
import type { Stage } from "./model.ts";
import { Refusal } from "./refusal.ts";
import { writeAccessLog } from "./render.ts";
import { recordCall } from "./spans.ts";

/** Whether a stage's or a route's throttle lets one more call pass. */
export type Throttles = (call: Call) => boolean;

/** The throttles of all stages: a route's own settings, else the stage's, for each route apart as AWS counts them. */
export const createThrottles = (cloud: Cloud): Throttles => {
  const buckets = new Map<Stage, Map<string, Take>>();
  return ({ peer: { stage }, routeKey }) => {
    const limit = stage.routeThrottles.get(routeKey) ?? stage.throttle;
    if (!limit) return true;
    const own = buckets.get(stage) ?? new Map<string, Take>();
    buckets.set(stage, own);
    const take = own.get(routeKey) ?? tokenBucket(cloud.clock, limit.rate, limit.burst);
    own.set(routeKey, take);
    return take();
  };
};

/** Checks the API key of a call whose route requires one; throws the refusal. */
export type CheckKey = (call: Call) => void;

/** The keys and usage plans of the graph. The key comes with the handshake, and is counted for every call of the connection. */
export const createCheckKey = (cloud: Cloud): CheckKey => {
  const plans = createUsagePlans(cloud);
  return ({ peer, route }) => {
    if (!route?.apiKeyRequired) return;
    const { api, stage, usageKey } = peer;
    const value = api.keySource === "authorizer" ? usageKey : headerOf(peer.headers, "x-api-key");
    const { kind } = plans(value, api.id, stage.name, { path: route.key, httpMethod: "" });
    if (kind === "unknown") throw new Refusal("ForbiddenException");
    if (kind === "quota") throw new Refusal("LimitExceededException");
    if (kind === "throttled") throw new Refusal("TooManyRequestsException");
  };
};

/** What became of a call: the integration's answer, or the API's refusal. */
export type Outcome = { readonly answer?: Answer; readonly refusal?: Refusal };

/**
 * Runs a call from its first check to its integration, and writes span and access log. A route without an integration answers 200:
 * `$connect` and `$disconnect` need none.
 */
export const runCall = async (
  cloud: Cloud,
  call: Call,
  check: () => Promise<void> | void,
): Promise<Outcome> => {
  const began = performance.now();
  const end = (outcome: Outcome): Outcome => {
    const { refusal, answer } = outcome;
    if (refusal) call.error = { type: refusal.type, message: refusal.message };
    const status = refusal?.status ?? answer?.status ?? 200;
    recordCall(cloud, call, status, began);
    writeAccessLog(cloud, call, status);
    return outcome;
  };
  try {
    await check();
    const integration = call.route?.integration;
    return end(integration ? { answer: await integrate(cloud, call, integration) } : {});
  } catch (error) {
    if (error instanceof Refusal) return end({ refusal: error });
    cloud.print(
      `✗ ${call.peer.api.name} ${call.routeKey}: ${error instanceof Error ? error.message : String(error)}`,
    );
    return end({ refusal: new Refusal("ConfigurationException") });
  }
};
