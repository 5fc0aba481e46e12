import { describe, expect, it } from "vitest";
import {
  delayBefore,
  HTTP_DEFAULT,
  MANAGED_BY_AWS,
  subscriptionPolicy,
  topicPolicy,
} from "./delivery-policy.ts";

const delays = (policy: typeof HTTP_DEFAULT, count: number) =>
  Array.from({ length: count }, (_, retry) => delayBefore(policy, retry));

describe("Retries", () => {
  it("of queues and functions go through AWS's four phases, over 23 days", () => {
    expect(delays(MANAGED_BY_AWS, 6)).toEqual([0, 0, 0, 1_000, 1_000, 1_000]);
    expect(delayBefore(MANAGED_BY_AWS, 14)).toBe(20_000);
    expect(delayBefore(MANAGED_BY_AWS, 100_014)).toBe(20_000);
    expect(delayBefore(MANAGED_BY_AWS, 100_015)).toBeUndefined();
    const total = delays(MANAGED_BY_AWS, 100_015).reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
    expect(Math.round(total / 86_400_000)).toBe(23);
  });

  it("of an HTTP endpoint are three, twenty seconds apart, unless something else is said", () => {
    expect(delays(HTTP_DEFAULT, 4)).toEqual([20_000, 20_000, 20_000, undefined]);
  });

  it.each(["linear", "arithmetic", "geometric", "exponential"] as const)(
    "by a %s function rise from the least delay to the greatest",
    (backoffFunction) => {
      const policy = {
        ...HTTP_DEFAULT,
        numRetries: 10,
        minDelayTarget: 2,
        maxDelayTarget: 50,
        backoffFunction,
      };
      const all = delays(policy, 10).map(Number);
      expect([all[0], all[9]]).toEqual([2_000, 50_000]);
      expect(all).toEqual([...all].sort((a, b) => a - b));
    },
  );
});

const http = (policy: object) => ({ DeliveryPolicy: JSON.stringify({ http: policy }) });

describe("A delivery policy", () => {
  it("of a subscription stands over its topic's, unless the topic forbids it", () => {
    const own = {
      DeliveryPolicy: JSON.stringify({
        healthyRetryPolicy: { numRetries: 7 },
        requestPolicy: { headerContentType: "text/csv" },
      }),
    };
    const topic = http({ defaultHealthyRetryPolicy: { numRetries: 5 } });
    expect(subscriptionPolicy(topic, {}).healthyRetryPolicy.numRetries).toBe(5);
    expect(subscriptionPolicy(topic, own)).toMatchObject({
      healthyRetryPolicy: { numRetries: 7 },
      requestPolicy: { headerContentType: "text/csv" },
    });
    const strict = http({ defaultHealthyRetryPolicy: { numRetries: 5 }, disableSubscriptionOverrides: true });
    expect(subscriptionPolicy(strict, own).healthyRetryPolicy.numRetries).toBe(5);
  });

  it.each([
    [{ numRetries: 101 }, "numRetries must be between 0 and 100"],
    [{ numRetries: 1.5 }, "numRetries must be between"],
    [{ minDelayTarget: 30, maxDelayTarget: 20 }, "minDelayTarget must be less than"],
    [{ numRetries: 2, numNoDelayRetries: 3 }, "numRetries must be greater than"],
    [{ numRetries: 100, minDelayTarget: 60, maxDelayTarget: 60 }, "3600 seconds"],
    [{ backoffFunction: "wild" }, "backoffFunction must be one of"],
  ])("%j is refused", (defaultHealthyRetryPolicy, reason) => {
    expect(() => topicPolicy(http({ defaultHealthyRetryPolicy }))).toThrow(reason);
  });
});
