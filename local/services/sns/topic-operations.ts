import { mapOf, textOf, entries as xmlMap } from "../../kit/query.ts";
import { arnOf, page, texts, topicOf } from "./arn.ts";
import { topicPolicy } from "./delivery-policy.ts";
import { snsErrors } from "./errors.ts";
import type { Attributes, Operation, SnsContext, Topic } from "./model.ts";
import { readTags } from "./tags.ts";

/** What a policy of a topic may allow. */
export const ACTIONS = [
  "GetTopicAttributes",
  "SetTopicAttributes",
  "AddPermission",
  "RemovePermission",
  "DeleteTopic",
  "Subscribe",
  "ListSubscriptionsByTopic",
  "Publish",
].map((action) => `SNS:${action}`);

/** The policy of a topic that was given none. */
export const defaultPolicy = (topicArn: string, accountId: string) => ({
  Version: "2008-10-17",
  Id: "__default_policy_ID",
  Statement: [
    {
      Sid: "__default_statement_ID",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: ACTIONS,
      Resource: topicArn,
      Condition: { StringEquals: { "AWS:SourceOwner": accountId } },
    },
  ],
});

const FEEDBACK =
  /^(HTTP|Firehose|Lambda|Application|SQS)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn)$/;
const SETTABLE = new Set([
  "DisplayName",
  "Policy",
  "DeliveryPolicy",
  "KmsMasterKeyId",
  "SignatureVersion",
  "TracingConfig",
  "ContentBasedDeduplication",
  "FifoThroughputScope",
]);

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  ContentBasedDeduplication: ["true", "false"],
  FifoThroughputScope: ["Topic", "MessageGroup"],
  SignatureVersion: ["1", "2"],
  TracingConfig: ["Active", "PassThrough"],
};

/** Refuses what SNS would refuse of a topic's attributes; `prefix` says where they were given. */
export const checkTopicAttributes = (attributes: Attributes, fifo: boolean, prefix = ""): void => {
  for (const [name, value] of Object.entries(attributes)) {
    if (!SETTABLE.has(name) && !FEEDBACK.test(name))
      throw snsErrors.invalid(
        prefix ? "Attributes" : "AttributeName",
        prefix ? `Unknown attribute ${name}` : undefined,
      );
    const choices = CHOICES[name];
    if (choices && !choices.includes(value))
      throw snsErrors.words(
        `Invalid parameter: ${prefix}${name}: Invalid value [${value}]. Must be ${choices.join(" or ")}.`,
      );
    if (!fifo && (name === "ContentBasedDeduplication" || name === "FifoThroughputScope"))
      throw snsErrors.words(`Invalid parameter: ${prefix}${name}: only FIFO topics have it`);
    if (name === "DisplayName" && value.length > 100)
      throw snsErrors.words(`Invalid parameter: ${prefix}DisplayName`);
    if (name === "Policy") checkPolicy(value, prefix);
  }
  topicPolicy(attributes, prefix);
};

const checkPolicy = (text: string, prefix: string): void => {
  try {
    const policy: unknown = JSON.parse(text);
    if (typeof policy === "object" && policy !== null && "Statement" in policy) return;
  } catch {
    // worded below
  }
  throw snsErrors.words(`Invalid parameter: ${prefix}Policy Error: null`);
};

const createTopic: Operation = (context, input) => {
  const { region, accountId } = context.cloud.graph;
  const name = textOf(input, "Name");
  const { FifoTopic, ...attributes } = texts(mapOf(input, "Attributes"));
  const fifo = FifoTopic === "true";
  if (name === undefined) throw snsErrors.missing("Name");
  if (fifo && !/^[A-Za-z0-9_-]{1,251}\.fifo$/.test(name))
    throw snsErrors.invalid(
      "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.",
    );
  if (!fifo && !/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw snsErrors.invalid("Topic Name");
  const tags = readTags(input);
  checkTopicAttributes(attributes, fifo, "Attributes Reason: ");
  const arn = `arn:aws:sns:${region}:${accountId}:${name}`;
  const existing = context.registry.topics.get(arn);
  if (existing) return { result: { TopicArn: same(existing, attributes, tags).arn }, node: arn };
  context.registry.saveTopic({ arn, name, fifo, attributes, tags, deletedSubscriptions: 0, runtime: true });
  return { result: { TopicArn: arn }, node: arn };
};

const same = (topic: Topic, attributes: Attributes, tags: Record<string, string>): Topic => {
  if (Object.entries(tags).some(([key, value]) => topic.tags[key] !== value))
    throw snsErrors.invalid("Tags", "Topic already exists with different tags");
  if (Object.entries(attributes).some(([name, value]) => topic.attributes[name] !== value))
    throw snsErrors.invalid("Attributes", "Topic already exists with different attributes");
  return topic;
};

const deleteTopic: Operation = (context, input) => {
  const arn = arnOf(context, input, "TopicArn");
  const topic = context.registry.topics.get(arn);
  if (topic) context.registry.dropTopic(topic);
  context.sequences.delete(arn);
  return { node: arn };
};

const listTopics: Operation = (context, input) => {
  const { items, NextToken } = page([...context.registry.topics.keys()].sort(), input);
  return { result: { Topics: items.map((TopicArn) => ({ TopicArn })), NextToken } };
};

/** A topic's attributes, as the API shows them. */
export const shownTopic = (context: SnsContext, topic: Topic): Attributes => {
  const { accountId } = context.cloud.graph;
  const subscriptions = context.registry.of(topic.arn);
  const pending = subscriptions.filter((one) => one.pending).length;
  return {
    TopicArn: topic.arn,
    Owner: accountId,
    DisplayName: "",
    Policy: JSON.stringify(defaultPolicy(topic.arn, accountId)),
    ...topic.attributes,
    ...(topic.fifo
      ? {
          FifoTopic: "true",
          ContentBasedDeduplication: topic.attributes.ContentBasedDeduplication ?? "false",
        }
      : {}),
    EffectiveDeliveryPolicy: JSON.stringify(topicPolicy(topic.attributes)),
    SubscriptionsConfirmed: String(subscriptions.length - pending),
    SubscriptionsPending: String(pending),
    SubscriptionsDeleted: String(topic.deletedSubscriptions),
  };
};

const getTopicAttributes: Operation = (context, input) => {
  const topic = topicOf(context, input);
  return { result: { Attributes: xmlMap(shownTopic(context, topic)) }, node: topic.arn };
};

const setTopicAttributes: Operation = (context, input) => {
  const topic = topicOf(context, input);
  const name = textOf(input, "AttributeName");
  if (name === undefined) throw snsErrors.missing("AttributeName");
  const value = textOf(input, "AttributeValue") ?? "";
  const { [name]: _, ...rest } = topic.attributes;
  // An empty value takes an attribute back to its default; a display name may be empty.
  const attributes = value === "" && name !== "DisplayName" ? rest : { ...rest, [name]: value };
  checkTopicAttributes(value === "" ? { ...attributes, ...known(name) } : attributes, topic.fifo);
  if (name === "Policy") setPolicy(context, topic.arn, value);
  context.registry.saveTopic(Object.assign(topic, { attributes }));
  return { node: topic.arn };
};

/** Hands a topic's policy to those who judge by it. Throws for one that is none. */
export const setPolicy = ({ cloud }: SnsContext, topicArn: string, policy: string): void => {
  try {
    cloud.permissions?.setResourcePolicy(topicArn, policy || undefined);
  } catch (error) {
    throw snsErrors.invalid(`Policy Error: ${error instanceof Error ? error.message : "null"}`);
  }
};

// Refuses a name that is none, though its value is empty.
const known = (name: string): Attributes => (SETTABLE.has(name) || FEEDBACK.test(name) ? {} : { [name]: "" });

/** Operations on topics. */
export const topicOperations: Readonly<Record<string, Operation>> = {
  CreateTopic: createTopic,
  DeleteTopic: deleteTopic,
  ListTopics: listTopics,
  GetTopicAttributes: getTopicAttributes,
  SetTopicAttributes: setTopicAttributes,
};
