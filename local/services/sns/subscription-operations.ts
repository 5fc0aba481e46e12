import type { AwsRequest } from "../../kit/cloud.ts";
import { type QueryFields, textOf, entries as xmlMap } from "../../kit/query.ts";
import { arnOf, page, subscriptionOf, topicOf } from "./arn.ts";
import { subscriptionPolicy } from "./delivery-policy.ts";
import { snsErrors } from "./errors.ts";
import type { Attributes, Operation, SnsContext, Subscription } from "./model.ts";
import { ask, newToken, TOKEN_MS } from "./subscribe.ts";
import { checkSubscriptionAttributes, isKnown, tidied } from "./subscription-attributes.ts";

const confirmSubscription: Operation = (context, input, request) => {
  const topic = context.registry.topics.get(textOf(input, "TopicArn") ?? "");
  const token = textOf(input, "Token") ?? "";
  if (!/^[0-9a-f]{64,}$/.test(token))
    throw snsErrors.words(token === "" ? "Invalid parameter: Token" : "Invalid token");
  if (!topic) throw snsErrors.invalid(textOf(input, "TopicArn")?.startsWith("arn:") ? "Topic" : "TopicArn");
  const subscription = byToken(context, topic.arn, token);
  if (!subscription) throw snsErrors.invalid("Token");
  confirm(context, subscription, {
    signed: request.caller !== undefined,
    authenticateOnUnsubscribe: textOf(input, "AuthenticateOnUnsubscribe") === "true",
  });
  return { result: { SubscriptionArn: subscription.arn }, node: topic.arn };
};

const byToken = (context: SnsContext, topicArn: string, token: string): Subscription | undefined => {
  const known = context.registry.of(topicArn).find((one) => one.token === token);
  if (known) return known;
  const cancelled = context.registry.cancelled.get(token);
  if (!cancelled || cancelled.topicArn !== topicArn) return undefined;
  context.registry.cancelled.delete(token);
  return context.clock.now() - cancelled.createdAt > TOKEN_MS ? undefined : cancelled;
};

/** Confirms a subscription. A second confirmation changes nothing. */
export const confirm = (
  context: SnsContext,
  subscription: Subscription,
  how: { readonly signed: boolean; readonly authenticateOnUnsubscribe: boolean },
): void => {
  if (!subscription.pending) return;
  subscription.pending = false;
  subscription.authenticated = how.signed;
  subscription.authenticateOnUnsubscribe = how.signed && how.authenticateOnUnsubscribe;
  context.registry.saveSubscription(subscription);
};

const unsubscribe: Operation = (context, input, request) => {
  const arn = textOf(input, "SubscriptionArn");
  if (!arn) throw snsErrors.missing("SubscriptionArn");
  arnOf(context, input, "SubscriptionArn");
  if (arn.split(":").length < 7) throw snsErrors.invalid("SubscriptionId");
  const subscription = context.registry.subscriptions.get(arn);
  if (!subscription) return {};
  if (subscription.authenticateOnUnsubscribe && !request.caller)
    throw snsErrors.forbidden("The owner of the topic or the subscription must sign this request.");
  if (subscription.pending)
    throw snsErrors.invalid("SubscriptionArn", "Pending subscriptions cannot be unsubscribed");
  cancel(context, subscription);
  return { node: subscription.topicArn };
};

// Whoever was unsubscribed over HTTP is told, and may come back by the token of that message.
const cancel = (context: SnsContext, subscription: Subscription): void => {
  const topic = context.registry.topics.get(subscription.topicArn);
  context.registry.dropSubscription(subscription);
  if (topic)
    context.registry.saveTopic(
      Object.assign(topic, { deletedSubscriptions: topic.deletedSubscriptions + 1 }),
    );
  if (!subscription.protocol.startsWith("http")) return;
  const token = newToken();
  const cancelled = { ...subscription, token, pending: true, createdAt: context.clock.now() };
  context.registry.cancelled.set(token, cancelled);
  ask(context, cancelled, "UnsubscribeConfirmation");
};

const shown = (one: Subscription, accountId: string) => ({
  SubscriptionArn: one.pending ? "PendingConfirmation" : one.arn,
  Owner: accountId,
  Protocol: one.protocol,
  Endpoint: one.endpoint,
  TopicArn: one.topicArn,
});

const list = (context: SnsContext, all: readonly Subscription[], input: QueryFields) => {
  const { items, NextToken } = page(all, input);
  const { accountId } = context.cloud.graph;
  return { Subscriptions: items.map((one) => shown(one, accountId)), NextToken };
};

const attributesOf = (context: SnsContext, subscription: Subscription): Attributes => {
  const { attributes, protocol } = subscription;
  const topic = context.registry.topics.get(subscription.topicArn);
  const effective = subscriptionPolicy(topic?.attributes ?? {}, attributes);
  const { FilterPolicy, FilterPolicyScope, ...rest } = attributes;
  return {
    SubscriptionArn: subscription.arn,
    TopicArn: subscription.topicArn,
    Owner: context.cloud.graph.accountId,
    Protocol: protocol,
    Endpoint: subscription.endpoint,
    PendingConfirmation: String(subscription.pending),
    ConfirmationWasAuthenticated: String(subscription.authenticated),
    SubscriptionPrincipal: subscription.principal,
    RawMessageDelivery: "false",
    ...rest,
    ...(FilterPolicy ? { FilterPolicy, FilterPolicyScope: FilterPolicyScope ?? "MessageAttributes" } : {}),
    ...(protocol.startsWith("http") ? { EffectiveDeliveryPolicy: JSON.stringify(effective) } : {}),
  };
};

const setAttributes: Operation = (context, input, _request: AwsRequest) => {
  const subscription = subscriptionOf(context, input);
  const name = textOf(input, "AttributeName");
  if (name === undefined || !isKnown(name)) throw snsErrors.invalid("AttributeName");
  const value = textOf(input, "AttributeValue") ?? "";
  const topic = context.registry.topics.get(subscription.topicArn);
  if (!topic) throw snsErrors.noTopic();
  const { protocol, endpoint } = subscription;
  const changed = { ...subscription.attributes, [name]: value };
  checkSubscriptionAttributes(changed, { topic, protocol, endpoint });
  context.registry.saveSubscription(Object.assign(subscription, { attributes: tidied(changed) }));
  return { node: topic.arn };
};

/** Operations on subscriptions. */
export const subscriptionOperations: Readonly<Record<string, Operation>> = {
  ConfirmSubscription: confirmSubscription,
  Unsubscribe: unsubscribe,
  ListSubscriptions: (context, input) => ({
    result: list(context, [...context.registry.subscriptions.values()], input),
  }),
  ListSubscriptionsByTopic(context, input) {
    const topic = topicOf(context, input);
    return { result: list(context, context.registry.of(topic.arn), input), node: topic.arn };
  },
  GetSubscriptionAttributes(context, input) {
    const subscription = subscriptionOf(context, input);
    return {
      result: { Attributes: xmlMap(attributesOf(context, subscription)) },
      node: subscription.topicArn,
    };
  },
  SetSubscriptionAttributes: setAttributes,
};
