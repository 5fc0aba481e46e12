import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import { checkFilter } from "./filter.ts";
import type { Attributes, Platform, Subscription, Topic } from "./model.ts";
import type { Declared } from "./registry.ts";
import { mustConfirm, newToken } from "./subscribe.ts";
import { checkSubscriptionAttributes, tidied } from "./subscription-attributes.ts";
import { checkTopicAttributes } from "./topic-operations.ts";

const TOPIC_INPUTS: Readonly<Record<string, string>> = {
  displayName: "DisplayName",
  policy: "Policy",
  deliveryPolicy: "DeliveryPolicy",
  kmsMasterKeyId: "KmsMasterKeyId",
  signatureVersion: "SignatureVersion",
  tracingConfig: "TracingConfig",
  contentBasedDeduplication: "ContentBasedDeduplication",
  fifoThroughputScope: "FifoThroughputScope",
};
const SUBSCRIPTION_INPUTS: Readonly<Record<string, string>> = {
  rawMessageDelivery: "RawMessageDelivery",
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  redrivePolicy: "RedrivePolicy",
  deliveryPolicy: "DeliveryPolicy",
  subscriptionRoleArn: "SubscriptionRoleArn",
};
const PLATFORM_INPUTS: Readonly<Record<string, string>> = {
  platformCredential: "PlatformCredential",
  platformPrincipal: "PlatformPrincipal",
  applePlatformBundleId: "ApplePlatformBundleID",
  applePlatformTeamId: "ApplePlatformTeamID",
  eventDeliveryFailureTopicArn: "EventDeliveryFailure",
  eventEndpointCreatedTopicArn: "EventEndpointCreated",
  eventEndpointDeletedTopicArn: "EventEndpointDeleted",
  eventEndpointUpdatedTopicArn: "EventEndpointUpdated",
};

const read = (resource: Resource, names: Readonly<Record<string, string>>): Attributes =>
  Object.fromEntries(
    Object.entries(names).flatMap(([input, name]): [string, string][] => {
      const value = resource.inputs[input];
      if (value === undefined || value === null || value === "") return [];
      return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
    }),
  );

// What AWS would refuse at deployment is refused at start, with the place it was written.
const checked = <T>(resource: Resource, make: () => T): T => {
  try {
    return make();
  } catch (error) {
    const where = resource.source ? ` (${resource.source})` : "";
    throw new Error(`${resource.name}${where}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
};

const topicOf = (graph: Graph, resource: Resource): Topic => {
  const arn = String(resource.outputs.arn);
  const fifo = resource.inputs.fifoTopic === true;
  const attributes = read(resource, TOPIC_INPUTS);
  if (!fifo) delete attributes.ContentBasedDeduplication;
  const policy = byType(graph, "aws:sns/topicPolicy:TopicPolicy").find(({ inputs }) => inputs.arn === arn)
    ?.inputs.policy;
  if (policy !== undefined) attributes.Policy = typeof policy === "string" ? policy : JSON.stringify(policy);
  checkTopicAttributes(attributes, fifo, "Attributes Reason: ");
  return {
    arn,
    name: arn.slice(arn.lastIndexOf(":") + 1),
    fifo,
    attributes,
    tags: { ...((resource.inputs.tags ?? {}) as Record<string, string>) },
    deletedSubscriptions: 0,
    runtime: false,
  };
};

const subscriptionOf = (
  graph: Graph,
  resource: Resource,
  topics: ReadonlyMap<string, Topic>,
  now: number,
): Subscription => {
  const { inputs, outputs } = resource;
  const [topicArn, protocol, endpoint] = [
    String(inputs.topic),
    String(inputs.protocol),
    String(inputs.endpoint),
  ];
  const topic = topics.get(topicArn);
  const attributes = tidied(read(resource, SUBSCRIPTION_INPUTS));
  if (topic) checkSubscriptionAttributes(attributes, { topic, protocol, endpoint });
  else checkFilter(attributes);
  const pending = mustConfirm(protocol);
  return {
    arn: String(outputs.arn),
    topicArn,
    protocol,
    endpoint,
    principal: `arn:aws:iam::${graph.accountId}:user/developer`,
    attributes,
    pending,
    authenticated: !pending,
    authenticateOnUnsubscribe: false,
    ...(pending ? { token: newToken() } : {}),
    createdAt: now,
    runtime: false,
  };
};

const platformOf = (resource: Resource): Platform => ({
  arn: String(resource.outputs.arn),
  name: String(resource.outputs.name ?? resource.name),
  kind: String(resource.inputs.platform),
  attributes: read(resource, PLATFORM_INPUTS),
  runtime: false,
});

/** Topics, subscriptions and platform applications of the graph. */
export const declaredIn = (graph: Graph, now: number): Declared => {
  const topics = byType(graph, "aws:sns/topic:Topic").map((resource) =>
    checked(resource, () => topicOf(graph, resource)),
  );
  const byArn = new Map(topics.map((topic) => [topic.arn, topic]));
  return {
    topics,
    subscriptions: byType(graph, "aws:sns/topicSubscription:TopicSubscription").map((resource) =>
      checked(resource, () => subscriptionOf(graph, resource, byArn, now)),
    ),
    platforms: byType(graph, "aws:sns/platformApplication:PlatformApplication").map(platformOf),
  };
};
