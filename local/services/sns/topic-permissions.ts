import { listOf, textOf } from "../../kit/query.ts";
import { topicOf } from "./arn.ts";
import { snsErrors } from "./errors.ts";
import type { Operation, SnsContext, Topic } from "./model.ts";
import { ACTIONS, defaultPolicy, setPolicy } from "./topic-operations.ts";

const policyOf = (context: SnsContext, topic: Topic): { Statement: { Sid?: string }[] } =>
  JSON.parse(
    topic.attributes.Policy ?? JSON.stringify(defaultPolicy(topic.arn, context.cloud.graph.accountId)),
  );

const savePolicy = (context: SnsContext, topic: Topic, policy: object) => {
  const attributes = { ...topic.attributes, Policy: JSON.stringify(policy) };
  setPolicy(context, topic.arn, attributes.Policy);
  context.registry.saveTopic(Object.assign(topic, { attributes }));
  return { node: topic.arn };
};

const addPermission: Operation = (context, input) => {
  const topic = topicOf(context, input);
  const label = textOf(input, "Label");
  if (!label) throw snsErrors.missing("Label");
  const [accounts, actions] = [
    listOf(input, "AWSAccountId").map(String),
    listOf(input, "ActionName").map(String),
  ];
  if (accounts.length === 0) throw snsErrors.missing("AWSAccountId");
  if (actions.length === 0) throw snsErrors.missing("ActionName");
  const wrong = actions.find((action) => !ACTIONS.includes(`SNS:${action}`));
  if (wrong !== undefined) throw snsErrors.invalid("Policy statement action out of service scope!");
  const policy = policyOf(context, topic);
  if (policy.Statement.some(({ Sid }) => Sid === label)) throw snsErrors.invalid("Statement already exists");
  const principals = accounts.map((account) => `arn:aws:iam::${account}:root`);
  const statement = {
    Sid: label,
    Effect: "Allow",
    Principal: { AWS: principals.length === 1 ? principals[0] : principals },
    Action: actions.length === 1 ? `SNS:${actions[0]}` : actions.map((action) => `SNS:${action}`),
    Resource: topic.arn,
  };
  return savePolicy(context, topic, { ...policy, Statement: [...policy.Statement, statement] });
};

const removePermission: Operation = (context, input) => {
  const topic = topicOf(context, input);
  const label = textOf(input, "Label");
  const policy = policyOf(context, topic);
  return savePolicy(context, topic, {
    ...policy,
    Statement: policy.Statement.filter(({ Sid }) => Sid !== label),
  });
};

/** Operations on a topic's policy. */
export const topicPermissions: Readonly<Record<string, Operation>> = {
  AddPermission: addPermission,
  RemovePermission: removePermission,
};
