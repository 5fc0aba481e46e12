import { subscriptionPolicy } from "./delivery-policy.ts";
import { snsErrors } from "./errors.ts";
import { checkFilter } from "./filter.ts";
import type { Attributes, Topic } from "./model.ts";

const KNOWN = new Set([
  "RawMessageDelivery",
  "FilterPolicy",
  "FilterPolicyScope",
  "RedrivePolicy",
  "DeliveryPolicy",
  "SubscriptionRoleArn",
]);

/** What may be set, whatever its value. */
export const isKnown = (name: string): boolean => KNOWN.has(name);

const checkRedrive = (text: string, topic: Topic, endpoint: string, prefix: string): void => {
  const refuse = (why: string) => snsErrors.words(`Invalid parameter: ${prefix}RedrivePolicy: ${why}`);
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch (error) {
    throw refuse(`failed to parse JSON. ${error instanceof Error ? error.message : error}`);
  }
  const arn: unknown =
    typeof policy === "object" && policy !== null ? Reflect.get(policy, "deadLetterTargetArn") : undefined;
  if (typeof arn !== "string" || !/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w.-]+$/.test(arn))
    throw refuse("deadLetterTargetArn is an invalid arn");
  if (topic.fifo && endpoint.endsWith(".fifo") && !arn.endsWith(".fifo"))
    throw refuse("must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.");
  if (!topic.fifo && arn.endsWith(".fifo"))
    throw refuse("must use a standard queue as DLQ for a standard topic.");
};

/** Refuses what SNS would refuse of a subscription's attributes; `prefix` says where they were given. */
export const checkSubscriptionAttributes = (
  attributes: Attributes,
  subscription: { readonly topic: Topic; readonly protocol: string; readonly endpoint: string },
  prefix = "",
): void => {
  const { topic, protocol, endpoint } = subscription;
  const unknown = Object.keys(attributes).find((name) => !KNOWN.has(name));
  if (unknown !== undefined)
    throw snsErrors.invalid(
      prefix ? "Attributes" : "AttributeName",
      prefix ? `Unknown attribute: ${unknown}` : undefined,
    );
  const { RawMessageDelivery: raw, FilterPolicyScope: scope, RedrivePolicy, DeliveryPolicy } = attributes;
  if (raw !== undefined && !/^(true|false)$/i.test(raw))
    throw snsErrors.words(
      `Invalid parameter: ${prefix}RawMessageDelivery: Invalid value [${raw}]. Must be true or false.`,
    );
  if (raw?.toLowerCase() === "true" && !/^(sqs|https?|firehose)$/.test(protocol))
    throw snsErrors.words(
      `Invalid parameter: ${prefix}RawMessageDelivery: only sqs, http, https and firehose subscriptions have it`,
    );
  if (scope !== undefined && scope !== "MessageBody" && scope !== "MessageAttributes")
    throw snsErrors.words(
      `Invalid parameter: ${prefix}FilterPolicyScope: Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`,
    );
  checkFilter(attributes, prefix);
  if (RedrivePolicy) checkRedrive(RedrivePolicy, topic, endpoint, prefix);
  if (DeliveryPolicy) subscriptionPolicy(topic.attributes, attributes, prefix);
};

/** As the API shows them: a scope only beside a policy, and no empty policies. */
export const tidied = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name, name === "RawMessageDelivery" ? value.toLowerCase() : value]),
  );
