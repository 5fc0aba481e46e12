import { functionByArn } from "../../graph/graph.ts";
import type { Cloud, Delivery } from "../../kit/cloud.ts";
import { newSpanId, newTraceId, parseTraceHeader } from "../../kit/recorder.ts";
import { HTTP_DEFAULT, MANAGED_BY_AWS, type RetryPolicy, subscriptionPolicy } from "./delivery-policy.ts";
import { envelope, lambdaEvent, unsubscribeUrl } from "./envelope.ts";
import { type Caller, isHere, type Outcome } from "./http.ts";
import type { Message, Subscription } from "./model.ts";
import type { Outbox } from "./outbox.ts";
import type { Pushes } from "./push.ts";
import type { Registry } from "./registry.ts";
import type { Signer } from "./signing.ts";
import type { Texter } from "./sms.ts";

/** What reaching a subscriber takes. */
export interface Reach {
  readonly cloud: Cloud;
  readonly registry: Registry;
  readonly signer: Signer;
  readonly outbox: Outbox;
  readonly caller: Caller;
  readonly texter: Texter;
  readonly pushes: Pushes;
}

/** The text of a message for one protocol. */
export const textFor = (message: Message, protocol: string): string =>
  message.texts?.[protocol] ?? message.texts?.default ?? message.text;

const isRaw = (subscription: Subscription) => subscription.attributes.RawMessageDelivery === "true";

// What a queue or a function refuses outright it will refuse again: no retry, as AWS counts client-side errors.
const HOPELESS = /DoesNotExist|NotFound|AccessDenied|NotAuthorized|TooLarge|^(Invalid|Missing|Unsupported)/;

const failed = (error: unknown): Outcome => {
  const { name = "", message = String(error) } = error instanceof Error ? error : {};
  const hopeless = HOPELESS.test(name) || message.startsWith("Nothing local takes");
  return { ok: false, retry: !hopeless, reason: message };
};

/** A message as a queue gets it: the text and its attributes when raw, else the signed document. */
export const forQueue = (reach: Reach, message: Message, subscription: Subscription): Delivery => {
  const text = textFor(message, "sqs");
  const fifo = subscription.endpoint.endsWith(".fifo");
  // A FIFO topic gives its groups to FIFO queues; a standard one hands a group on as it came, for fair queues.
  const grouped = message.groupId !== undefined && (fifo || message.sequence === undefined);
  return {
    body: isRaw(subscription) ? text : envelope(reach, message, text, subscription),
    sourceArn: subscription.topicArn,
    ...(isRaw(subscription) ? { messageAttributes: message.attributes } : {}),
    ...(message.trace ? { trace: message.trace } : {}),
    ...(grouped && message.groupId !== undefined ? { messageGroupId: message.groupId } : {}),
    ...(fifo && message.dedupId !== undefined ? { deduplicationId: message.dedupId } : {}),
  };
};

const toQueue = async (reach: Reach, message: Message, subscription: Subscription): Promise<Outcome> => {
  await reach.cloud.deliver(subscription.endpoint, forQueue(reach, message, subscription));
  return { ok: true };
};

const toFunction = async (reach: Reach, message: Message, subscription: Subscription): Promise<Outcome> => {
  const { endpoint, topicArn } = subscription;
  if (!functionByArn(reach.cloud.graph, endpoint))
    return { ok: false, retry: false, reason: `Function not found: ${endpoint}` };
  const event = lambdaEvent(reach, message, textFor(message, "lambda"), subscription);
  await reach.cloud.deliver(endpoint, {
    body: JSON.stringify(event),
    sourceArn: topicArn,
    ...(message.trace ? { trace: message.trace } : {}),
  });
  return { ok: true };
};

/** Posts to an HTTP endpoint on this machine. Any other address is not called: the outbox shows what would have been sent. */
export const post = async (
  reach: Pick<Reach, "cloud" | "registry" | "outbox" | "caller">,
  subscription: Subscription,
  about: { readonly type: string; readonly id: string; readonly body: string; readonly raw?: boolean },
): Promise<Outcome> => {
  const { endpoint, topicArn, arn } = subscription;
  const topic = reach.registry.topics.get(topicArn);
  const policy = subscriptionPolicy(topic?.attributes ?? {}, subscription.attributes);
  const confirms = about.type === "SubscriptionConfirmation";
  const headers = {
    "x-amz-sns-message-type": about.type,
    "x-amz-sns-message-id": about.id,
    "x-amz-sns-topic-arn": topicArn,
    ...(confirms ? {} : { "x-amz-sns-subscription-arn": arn }),
    ...(about.raw ? { "x-amz-sns-rawdelivery": "true" } : {}),
    "content-type":
      about.type === "Notification" ? policy.requestPolicy.headerContentType : "text/plain; charset=UTF-8",
  };
  if (isHere(endpoint)) return reach.caller.post(endpoint, headers, about.body);
  reach.outbox.add({
    at: reach.cloud.clock.now(),
    kind: "http",
    to: endpoint,
    status: "failed",
    reason: "Not called: only addresses of this machine are",
    messageId: about.id,
    topicArn,
    body: about.body,
    detail: { headers },
  });
  return { ok: true };
};

const toHttp = (reach: Reach, message: Message, subscription: Subscription): Promise<Outcome> => {
  const text = textFor(message, subscription.protocol);
  const raw = isRaw(subscription);
  const body = raw ? text : envelope(reach, message, text, subscription);
  return post(reach, subscription, { type: "Notification", id: message.id, body, raw });
};

const toMailbox = (reach: Reach, message: Message, subscription: Subscription): Outcome => {
  const text = textFor(message, subscription.protocol);
  const footer = `\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n${unsubscribeUrl(reach, subscription)}`;
  reach.outbox.add({
    at: reach.cloud.clock.now(),
    kind: "email",
    to: subscription.endpoint,
    status: "sent",
    messageId: message.id,
    topicArn: subscription.topicArn,
    subject: message.subject ?? "AWS Notification Message",
    body:
      subscription.protocol === "email-json"
        ? envelope(reach, message, text, subscription)
        : `${text}${footer}`,
    detail: { subscriptionArn: subscription.arn },
  });
  return { ok: true };
};

const attempt = async (reach: Reach, message: Message, subscription: Subscription): Promise<Outcome> => {
  switch (subscription.protocol) {
    case "sqs":
      return toQueue(reach, message, subscription);
    case "lambda":
      return toFunction(reach, message, subscription);
    case "http":
    case "https":
      return toHttp(reach, message, subscription);
    case "sms":
      return reach.texter.send(subscription.endpoint, message);
    case "application":
      return reach.pushes.send(subscription.endpoint, message);
    default:
      return toMailbox(reach, message, subscription);
  }
};

// Queues and functions record their own spans.
const recordSpan = (
  reach: Reach,
  message: Message,
  subscription: Subscription,
  start: number,
  outcome: Outcome,
) => {
  if (subscription.protocol === "sqs" || subscription.protocol === "lambda") return;
  const { clock, recorder } = reach.cloud;
  const { traceId, parentId } = parseTraceHeader(message.trace);
  recorder.record({
    traceId: traceId ?? newTraceId(start),
    id: newSpanId(),
    ...(parentId ? { parentId } : {}),
    kind: "deliver",
    node: subscription.arn,
    from: subscription.topicArn,
    name: `sns:Deliver ${subscription.protocol}`,
    start,
    durationMs: clock.now() - start,
    ...(outcome.ok ? {} : { error: outcome.reason }),
    detail: { messageId: message.id },
  });
};

/** Tries once to reach a subscriber. */
export const reachOnce = async (
  reach: Reach,
  message: Message,
  subscription: Subscription,
): Promise<Outcome> => {
  const start = reach.cloud.clock.now();
  const outcome = await attempt(reach, message, subscription).catch(failed);
  recordSpan(reach, message, subscription, start, outcome);
  return outcome;
};

/** How a subscription's deliveries are tried again. */
export const policyOf = (registry: Registry, subscription: Subscription): RetryPolicy => {
  if (!subscription.protocol.startsWith("http")) return MANAGED_BY_AWS;
  const topic = registry.topics.get(subscription.topicArn);
  if (!topic) return HTTP_DEFAULT;
  return subscriptionPolicy(topic.attributes, subscription.attributes).healthyRetryPolicy;
};
