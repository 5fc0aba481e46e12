import { snsErrors } from "./errors.ts";
import type { Attributes } from "./model.ts";

/** How often and how long apart a delivery is tried again. Delays are seconds. */
export interface RetryPolicy {
  readonly numRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly numMaxDelayRetries: number;
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  readonly backoffFunction: "linear" | "arithmetic" | "geometric" | "exponential";
}

// Source: Amazon SNS developer guide, "Message delivery retries".

/** Queues and functions: 100,015 retries over 23 days. */
export const MANAGED_BY_AWS: RetryPolicy = {
  numRetries: 100_015,
  numNoDelayRetries: 3,
  numMinDelayRetries: 2,
  numMaxDelayRetries: 100_000,
  minDelayTarget: 1,
  maxDelayTarget: 20,
  backoffFunction: "exponential",
};

/** HTTP endpoints whose topic and subscription say nothing else. */
export const HTTP_DEFAULT: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: "linear",
};

const CONTENT_TYPE = "text/plain; charset=UTF-8";

// AWS draws the four curves and gives no formula; both ends are met by each. The jitter AWS adds is left out.
const backoff = (policy: RetryPolicy, step: number, steps: number): number => {
  const { minDelayTarget: min, maxDelayTarget: max, backoffFunction } = policy;
  if (steps <= 1) return min;
  const part = step / (steps - 1);
  if (backoffFunction === "arithmetic")
    return min + (max - min) * ((step * (step + 1)) / (steps * (steps - 1)));
  if (backoffFunction === "geometric")
    return Math.max(min, 1) * (Math.max(max, 1) / Math.max(min, 1)) ** part;
  if (backoffFunction === "exponential")
    return min + ((max - min) * (2 ** step - 1)) / (2 ** (steps - 1) - 1);
  return min + (max - min) * part;
};

/** Milliseconds to wait before retry number `retry`, from 0; undefined when there is none left. */
export const delayBefore = (policy: RetryPolicy, retry: number): number | undefined => {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (retry >= numRetries) return undefined;
  if (retry < numNoDelayRetries) return 0;
  if (retry < numNoDelayRetries + numMinDelayRetries) return policy.minDelayTarget * 1000;
  const steps = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  const step = retry - numNoDelayRetries - numMinDelayRetries;
  return Math.round((step < steps ? backoff(policy, step, steps) : policy.maxDelayTarget) * 1000);
};

type Json = Record<string, unknown>;

const parseJson = (text: string | undefined, prefix: string): Json => {
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // worded below
  }
  throw snsErrors.words(`Invalid parameter: ${prefix}DeliveryPolicy: failed to parse JSON.`);
};

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  numRetries: [0, 100],
  numNoDelayRetries: [0, 100],
  numMinDelayRetries: [0, 100],
  numMaxDelayRetries: [0, 100],
  minDelayTarget: [1, 3600],
  maxDelayTarget: [1, 3600],
};

const retryOf = (given: unknown, prefix: string): RetryPolicy => {
  const policy = {
    ...HTTP_DEFAULT,
    ...(typeof given === "object" && given !== null ? given : {}),
  } as RetryPolicy;
  const refuse = (why: string) => snsErrors.words(`Invalid parameter: ${prefix}DeliveryPolicy: ${why}`);
  for (const [name, [from, to]] of Object.entries(RANGES)) {
    const value: unknown = Reflect.get(policy, name);
    if (typeof value !== "number" || !Number.isInteger(value) || value < from || value > to)
      throw refuse(`${name} must be between ${from} and ${to}`);
  }
  if (!["linear", "arithmetic", "geometric", "exponential"].includes(policy.backoffFunction))
    throw refuse("backoffFunction must be one of arithmetic, exponential, geometric or linear");
  if (policy.minDelayTarget > policy.maxDelayTarget)
    throw refuse("minDelayTarget must be less than or equal to maxDelayTarget");
  const { numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (numNoDelayRetries + numMinDelayRetries + numMaxDelayRetries > policy.numRetries)
    throw refuse(
      "numRetries must be greater than or equal to total of numMinDelayRetries, numNoDelayRetries and numMaxDelayRetries",
    );
  let total = 0;
  for (let retry = 0; retry < policy.numRetries; retry++) total += delayBefore(policy, retry) ?? 0;
  if (total > 3_600_000) throw refuse("total retry time must not be greater than 3600 seconds");
  return policy;
};

/** A topic's delivery policy in effect; throws for one that AWS refuses. */
export const topicPolicy = (attributes: Attributes, prefix = "") => {
  const http = (parseJson(attributes.DeliveryPolicy, prefix).http ?? {}) as Json;
  const request = (http.defaultRequestPolicy ?? {}) as Json;
  return {
    http: {
      defaultHealthyRetryPolicy: retryOf(http.defaultHealthyRetryPolicy, prefix),
      disableSubscriptionOverrides: http.disableSubscriptionOverrides === true,
      defaultRequestPolicy: { headerContentType: String(request.headerContentType ?? CONTENT_TYPE) },
    },
  };
};

/** A subscription's delivery policy in effect, given its topic's. */
export const subscriptionPolicy = (topic: Attributes, own: Attributes, prefix = "") => {
  const { http } = topicPolicy(topic);
  const given = http.disableSubscriptionOverrides ? {} : parseJson(own.DeliveryPolicy, prefix);
  const request = (given.requestPolicy ?? {}) as Json;
  return {
    healthyRetryPolicy: given.healthyRetryPolicy
      ? retryOf(given.healthyRetryPolicy, prefix)
      : http.defaultHealthyRetryPolicy,
    sicklyRetryPolicy: null,
    throttlePolicy: given.throttlePolicy ?? null,
    requestPolicy: {
      headerContentType: String(request.headerContentType ?? http.defaultRequestPolicy.headerContentType),
    },
    guaranteed: false,
  };
};
