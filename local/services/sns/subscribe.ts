import { randomBytes, randomUUID } from "node:crypto";
import type { AwsRequest } from "../../kit/cloud.ts";
import { mapOf, textOf } from "../../kit/query.ts";
import { texts, topicOf } from "./arn.ts";
import { delayBefore, HTTP_DEFAULT } from "./delivery-policy.ts";
import { confirmation, confirmUrl } from "./envelope.ts";
import { snsErrors } from "./errors.ts";
import type { Operation, SnsContext, Subscription, Topic } from "./model.ts";
import { post } from "./reach.ts";
import { isPhoneNumber } from "./sms.ts";
import { checkSubscriptionAttributes, tidied } from "./subscription-attributes.ts";

/** Tokens are valid for two days; then an unconfirmed subscription is gone. */
export const TOKEN_MS = 172_800_000;

const PROTOCOLS = new Set([
  "http",
  "https",
  "email",
  "email-json",
  "sms",
  "sqs",
  "application",
  "lambda",
  "firehose",
]);

const checkEndpoint = (context: SnsContext, protocol: string, endpoint: string): void => {
  const bad = (what: string) => snsErrors.invalid(what);
  if (protocol === "http" || protocol === "https") {
    if (!endpoint.startsWith(`${protocol}://`)) throw bad("Endpoint must match the specified protocol");
    if (!URL.canParse(endpoint)) throw bad("Endpoint");
  }
  if (protocol === "sqs" && !/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w.-]{1,80}$/.test(endpoint))
    throw bad("SQS endpoint ARN");
  if (protocol === "lambda" && !/^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w:$-]+$/.test(endpoint))
    throw bad("Lambda endpoint ARN");
  if (protocol.startsWith("email") && !/^[^@\s]+@[^@\s]+$/.test(endpoint)) throw bad("Email address");
  if (protocol === "sms" && !isPhoneNumber(endpoint))
    throw snsErrors.words(`Invalid SMS endpoint: ${endpoint}`);
  if (protocol === "application" && !context.registry.endpoints.has(endpoint))
    throw snsErrors.invalid("Endpoint", "Endpoint does not exist for endpoint arn specified");
};

/** Refuses a subscriber that SNS would refuse. */
export const checkSubscriber = (
  context: SnsContext,
  topic: Topic,
  protocol: string,
  endpoint: string,
): void => {
  if (!PROTOCOLS.has(protocol))
    throw snsErrors.invalid(`Amazon SNS does not support this protocol string: ${protocol}`);
  if (topic.fifo && protocol !== "sqs") throw snsErrors.invalid(`Invalid protocol type: ${protocol}`);
  checkEndpoint(context, protocol, endpoint);
  if (!topic.fifo && protocol === "sqs" && endpoint.endsWith(".fifo"))
    throw snsErrors.invalid(
      "Invalid parameter: Endpoint",
      "FIFO SQS Queues can not be subscribed to standard SNS topics",
    );
};

/** Whether a subscriber of this protocol must say that it wants to be one. */
export const mustConfirm = (protocol: string): boolean => /^(https?|email(-json)?)$/.test(protocol);

/** A token that nobody guesses. */
export const newToken = (): string => randomBytes(64).toString("hex");

const principalOf = (context: SnsContext, request: AwsRequest): string => {
  const { caller } = request;
  return caller?.roleArn ?? `arn:aws:iam::${context.cloud.graph.accountId}:user/developer`;
};

/** Asks an HTTP endpoint or a mailbox whether it wants a subscription, or tells it that it has none any more. */
export const ask = (
  context: SnsContext,
  subscription: Subscription,
  type: "SubscriptionConfirmation" | "UnsubscribeConfirmation",
): void => {
  const [id, at] = [randomUUID(), context.clock.now()];
  const topic = context.registry.topics.get(subscription.topicArn);
  const version = topic?.attributes.SignatureVersion === "2" ? "2" : "1";
  const body = confirmation(context, subscription, { type, id, at, version });
  if (!subscription.protocol.startsWith("http")) {
    mail(context, subscription, id, body);
    return;
  }
  const attempt = async (retry: number): Promise<void> => {
    const outcome = await post(context, subscription, { type, id, body });
    if (outcome.ok) return;
    const delay = outcome.retry ? delayBefore(HTTP_DEFAULT, retry) : undefined;
    const { topicArn, endpoint } = subscription;
    if (delay === undefined)
      context.cloud.print(`✗ ${topicArn} → ${endpoint}: ${type} not taken: ${outcome.reason}`);
    else context.clock.after(delay, () => void attempt(retry + 1));
  };
  void attempt(0);
};

const mail = (context: SnsContext, subscription: Subscription, messageId: string, document: string): void => {
  const { topicArn, protocol, endpoint, arn } = subscription;
  const link = confirmUrl(context, subscription);
  context.outbox.add({
    at: context.clock.now(),
    kind: "email",
    to: endpoint,
    status: "sent",
    messageId,
    topicArn,
    subject: "AWS Notification - Subscription Confirmation",
    body:
      protocol === "email-json"
        ? document
        : `You have chosen to subscribe to the topic:\n${topicArn}\n\nTo confirm this subscription, click or visit the link below (If this was in error no action is necessary):\n${link}`,
    detail: { subscriptionArn: arn, confirm: link },
  });
};

const subscribe: Operation = (context, input, request) => {
  const topic = topicOf(context, input);
  const protocol = textOf(input, "Protocol");
  const endpoint = textOf(input, "Endpoint");
  if (!protocol) throw snsErrors.missing("Protocol");
  if (!endpoint) throw snsErrors.missing("Endpoint");
  if (protocol === "firehose") throw snsErrors.unserved("Subscribe (firehose)");
  checkSubscriber(context, topic, protocol, endpoint);
  const attributes = tidied(texts(mapOf(input, "Attributes")));
  checkSubscriptionAttributes(attributes, { topic, protocol, endpoint }, "Attributes Reason: ");
  const existing = context.registry
    .of(topic.arn)
    .find((one) => one.protocol === protocol && one.endpoint === endpoint);
  const subscription = existing
    ? same(existing, attributes)
    : make(context, topic, { protocol, endpoint, attributes, principal: principalOf(context, request) });
  if (subscription.pending) ask(context, subscription, "SubscriptionConfirmation");
  const shown = !subscription.pending || textOf(input, "ReturnSubscriptionArn") === "true";
  return {
    result: { SubscriptionArn: shown ? subscription.arn : "pending confirmation" },
    node: topic.arn,
  };
};

const same = (existing: Subscription, attributes: Record<string, string>): Subscription => {
  if (
    Object.entries(attributes).some(
      ([name, value]) => (existing.attributes[name] ?? defaults[name]) !== value,
    )
  )
    throw snsErrors.invalid("Attributes", "Subscription already exists with different attributes");
  return existing;
};

const defaults: Readonly<Record<string, string>> = {
  RawMessageDelivery: "false",
  FilterPolicyScope: "MessageAttributes",
};

type Parts = Pick<Subscription, "protocol" | "endpoint" | "attributes" | "principal">;

const make = (context: SnsContext, topic: Topic, parts: Parts): Subscription => {
  const pending = mustConfirm(parts.protocol);
  const subscription: Subscription = {
    ...parts,
    arn: `${topic.arn}:${randomUUID()}`,
    topicArn: topic.arn,
    pending,
    authenticated: !pending,
    authenticateOnUnsubscribe: false,
    ...(pending ? { token: newToken() } : {}),
    createdAt: context.clock.now(),
    runtime: true,
  };
  context.registry.saveSubscription(subscription);
  if (pending) expireLater(context, subscription);
  return subscription;
};

/** Forgets a subscription that nobody confirms in time. */
export const expireLater = (
  context: Pick<SnsContext, "clock" | "registry">,
  subscription: Subscription,
): void => {
  const left = subscription.createdAt + TOKEN_MS - context.clock.now();
  context.clock.after(Math.max(0, left), () => {
    if (subscription.pending) context.registry.dropSubscription(subscription);
  });
};

/** Subscribe. */
export const subscribeOperations: Readonly<Record<string, Operation>> = { Subscribe: subscribe };
