import { functionByArn } from "../../graph/graph.ts";
import type { Cloud, Delivery } from "../../kit/cloud.ts";
import { isJson } from "../../kit/json.ts";

/** How long and how often a delivery is tried. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly maxAgeMs: number;
}

/** EventBridge's and Scheduler's own: 185 retries within 24 hours. */
export const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 185, maxAgeMs: 86_400_000 };

/** Reads a `retryPolicy` of a target. */
export const retryPolicyOf = (value: unknown): RetryPolicy => {
  const policy = (value ?? {}) as { maximumRetryAttempts?: number; maximumEventAgeInSeconds?: number };
  return {
    maxAttempts: policy.maximumRetryAttempts ?? DEFAULT_RETRY.maxAttempts,
    // Pulumi writes 0 for "not set": AWS's least is 60 s.
    maxAgeMs: policy.maximumEventAgeInSeconds
      ? policy.maximumEventAgeInSeconds * 1000
      : DEFAULT_RETRY.maxAgeMs,
  };
};

/** Why a delivery was given up, in the words of a dead letter's message attributes. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retries: number;
  readonly exhausted?: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";
}

/** First wait and longest wait between attempts, ms. */
const FIRST_MS = 1_000;
const LONGEST_MS = 900_000;

/** Tries until it works, is hopeless, or the policy is used up; resolves with the failure, or undefined on success. */
export const tryDelivery = async (
  cloud: Cloud,
  policy: RetryPolicy,
  attempt: () => Promise<void>,
): Promise<Failure | undefined> => {
  const since = cloud.clock.now();
  for (let retries = 0; ; retries++) {
    try {
      await attempt();
      return undefined;
    } catch (error) {
      const code = codeOf(error);
      const message = error instanceof Error ? error.message : String(error);
      if (HOPELESS.has(code)) return { code, message, retries };
      if (retries >= policy.maxAttempts) return { code, message, retries, exhausted: "MaximumRetryAttempts" };
      // Exponential with full jitter.
      const wait = Math.min(FIRST_MS * 2 ** retries, LONGEST_MS) * (0.5 + Math.random() / 2);
      if (cloud.clock.now() + wait - since > policy.maxAgeMs)
        return { code, message, retries, exhausted: "MaximumEventAgeInSeconds" };
      await new Promise<void>((resolve) => cloud.clock.after(wait, resolve));
    }
  }
};

/** An error whose code a dead letter carries as it stands. */
export class DeliveryError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "DeliveryError";
    this.code = code;
  }
}

const HOPELESS = new Set([
  "NO_RESOURCE",
  "NO_PERMISSIONS",
  "INVALID_JSON",
  "INVALID_PARAMETER",
  "THIRD_ACCOUNT_HOP_DETECTED",
]);

const codeOf = (error: unknown): string => {
  if (error instanceof DeliveryError) return error.code;
  if (error instanceof SyntaxError) return "INVALID_JSON";
  const { name = "", message = "" } = error instanceof Error ? error : {};
  if (/DoesNotExist|NotFound/.test(name) || message.startsWith("Nothing local takes")) return "NO_RESOURCE";
  if (/AccessDenied|NotAuthorized/.test(name)) return "NO_PERMISSIONS";
  if (/^(Invalid|Missing|Unsupported)/.test(name)) return "INVALID_PARAMETER";
  if (/Throttl|TooManyRequests|OverLimit/.test(name)) return "THROTTLING";
  if (/Timeout|TimedOut/.test(name)) return "TIMEOUT";
  return "INTERNAL_ERROR";
};

/** Hands a payload to any target. What AWS would refuse outright is refused here. */
export const handOver = async (cloud: Cloud, targetArn: string, delivery: Delivery): Promise<void> => {
  if (targetArn.startsWith("arn:aws:lambda:")) {
    if (!functionByArn(cloud.graph, targetArn))
      throw new DeliveryError("NO_RESOURCE", `Function not found: ${targetArn}`);
    if (!isJson(delivery.body))
      throw new DeliveryError("INVALID_JSON", "Could not parse request body into json");
  }
  await cloud.deliver(targetArn, delivery);
};

/** Sends what could not be delivered to a dead-letter queue, or says on the terminal that it is lost. */
export const bury = async (
  cloud: Cloud,
  queueArn: string | undefined,
  letter: { body: string; sourceArn: string; roleArn?: string; targetArn: string; trace?: string },
  failure: Failure,
  attributes: Readonly<Record<string, string>>,
): Promise<void> => {
  if (queueArn === undefined) {
    cloud.print(
      `✗ ${letter.sourceArn} → ${letter.targetArn}: ${failure.code} ${failure.message} (no DLQ: dropped)`,
    );
    return;
  }
  const { body, sourceArn, roleArn, trace } = letter;
  await cloud
    .deliver(queueArn, {
      body,
      sourceArn,
      ...(roleArn ? { roleArn } : {}),
      ...(trace ? { trace } : {}),
      attributes: {
        ...attributes,
        ERROR_CODE: failure.code,
        // An attribute counts towards the message's size.
        ERROR_MESSAGE: failure.message.slice(0, 1024) || failure.code,
        ...(failure.exhausted
          ? { EXHAUSTED_RETRY_CONDITION: failure.exhausted, RETRY_ATTEMPTS: String(failure.retries) }
          : {}),
      },
    })
    .catch((error: unknown) => cloud.print(`✗ ${sourceArn}: dead letter not taken by ${queueArn}: ${error}`));
};
