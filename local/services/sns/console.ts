import { randomUUID } from "node:crypto";
import type { Action, View } from "../../kit/cloud.ts";
import type { QueryFields } from "../../kit/query.ts";
import type { SnsContext } from "./model.ts";
import { changeEndpoint } from "./platform-operations.ts";
import { publishOperations } from "./publish-operations.ts";
import { isPhoneNumber } from "./sms.ts";
import { confirm } from "./subscription-operations.ts";

/** What the console shows of SNS. */
export const views = (context: SnsContext): Record<string, View> => ({
  topics: () =>
    [...context.registry.topics.values()].map(({ arn, name, fifo }) => ({
      arn,
      name,
      fifo,
      waiting: context.deliveries.waiting(arn),
      subscriptions: context.registry.of(arn).map((one) => ({
        arn: one.arn,
        protocol: one.protocol,
        endpoint: one.endpoint,
        pending: one.pending,
        ...(one.attributes.FilterPolicy
          ? {
              filter: one.attributes.FilterPolicy,
              scope: one.attributes.FilterPolicyScope ?? "MessageAttributes",
            }
          : {}),
      })),
    })),
  outbox(query) {
    const after = Number(query.get("after") ?? 0);
    if (!Number.isFinite(after)) throw new Error("`after` is the id of an entry, a number");
    return context.outbox.after(after);
  },
  endpoints: () =>
    [...context.registry.endpoints.values()].map(({ arn, platformArn, attributes }) => ({
      arn,
      platformArn,
      token: attributes.Token,
      enabled: attributes.Enabled !== "false",
      customUserData: attributes.CustomUserData,
    })),
});

const text = (input: Readonly<Record<string, unknown>>, name: string): string => {
  const value = input[name];
  if (typeof value !== "string" || value === "") throw new Error(`\`${name}\` is missing`);
  return value;
};

const optional = (input: Readonly<Record<string, unknown>>, from: string, to: string): QueryFields => {
  const value = input[from];
  return typeof value === "string" && value !== "" ? { [to]: value } : {};
};

// A platform's push service turns endpoints off; an app turns them on again once it has registered anew.
const switchEndpoint = async (context: SnsContext, input: Parameters<Action>[0], enabled: boolean) => {
  const endpoint = context.registry.endpoints.get(text(input, "endpointArn"));
  if (!endpoint) throw new Error("There is no such endpoint");
  changeEndpoint(context, endpoint, { Enabled: String(enabled) });
  await context.ledger.committed();
  return { endpoint: endpoint.arn, enabled };
};

/** What a person may do to SNS at the console. */
export const actions = (context: SnsContext): Record<string, Action> => ({
  async publish(input) {
    const fields: QueryFields = {
      ...optional(input, "topicArn", "TopicArn"),
      ...optional(input, "targetArn", "TargetArn"),
      ...optional(input, "phoneNumber", "PhoneNumber"),
      ...optional(input, "subject", "Subject"),
      ...optional(input, "structure", "MessageStructure"),
      ...optional(input, "groupId", "MessageGroupId"),
      ...optional(input, "deduplicationId", "MessageDeduplicationId"),
      Message: text(input, "message"),
      ...(input.attributes ? { MessageAttributes: input.attributes as QueryFields } : {}),
    };
    const request = {
      method: "POST",
      path: "/",
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.alloc(0),
      region: context.cloud.graph.region,
      requestId: randomUUID(),
      caller: context.cloud.credentials.developer,
    };
    const answer = await publishOperations.Publish?.(context, fields, request);
    await context.ledger.committed();
    return answer?.result;
  },
  disableEndpoint: (input) => switchEndpoint(context, input, false),
  enableEndpoint: (input) => switchEndpoint(context, input, true),
  async confirm(input) {
    const subscription = context.registry.subscriptions.get(text(input, "subscriptionArn"));
    if (!subscription) throw new Error("There is no such subscription");
    confirm(context, subscription, { signed: false, authenticateOnUnsubscribe: false });
    await context.ledger.committed();
    return { confirmed: subscription.arn };
  },
  // A person answers STOP: nothing else opts a phone out.
  async optOut(input) {
    const number = text(input, "phoneNumber");
    if (!isPhoneNumber(number)) throw new Error(`${number} is no phone number`);
    context.optedOut.set(number, context.clock.now());
    await context.ledger.committed();
    return { optedOut: number };
  },
});
