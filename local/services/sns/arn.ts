import { type QueryFields, textOf } from "../../kit/query.ts";
import { snsErrors } from "./errors.ts";
import type { Endpoint, Platform, SnsContext, Subscription, Topic } from "./model.ts";

/** An ARN of the input; another region's is none of this one's. */
export const arnOf = (context: SnsContext, input: QueryFields, name: string): string => {
  const arn = textOf(input, name);
  if (arn === undefined) throw snsErrors.missing(name);
  const parts = arn.split(":");
  if (parts.length < 6)
    throw snsErrors.invalid(name, `An ARN must have at least 6 elements, not ${parts.length}`);
  if (parts[2] !== "sns" || parts[3] !== context.cloud.graph.region) throw snsErrors.invalid(name);
  return arn;
};

/** The topic the input names. */
export const topicOf = (context: SnsContext, input: QueryFields, name = "TopicArn"): Topic => {
  const topic = context.registry.topics.get(arnOf(context, input, name));
  if (!topic) throw snsErrors.noTopic();
  return topic;
};

/** The subscription the input names. */
export const subscriptionOf = (context: SnsContext, input: QueryFields): Subscription => {
  const arn = arnOf(context, input, "SubscriptionArn");
  if (arn.split(":").length < 7) throw snsErrors.invalid("SubscriptionId");
  const subscription = context.registry.subscriptions.get(arn);
  if (!subscription) throw snsErrors.noSubscription();
  return subscription;
};

/** The platform application the input names. */
export const platformOf = (context: SnsContext, input: QueryFields): Platform => {
  const platform = context.registry.platforms.get(arnOf(context, input, "PlatformApplicationArn"));
  if (!platform) throw snsErrors.noPlatform();
  return platform;
};

/** The endpoint the input names. */
export const endpointOf = (context: SnsContext, input: QueryFields): Endpoint => {
  const endpoint = context.registry.endpoints.get(arnOf(context, input, "EndpointArn"));
  if (!endpoint) throw snsErrors.noEndpoint();
  return endpoint;
};

/** One page of a list, 100 at a time, and the token of the next. */
export const page = <T>(
  all: readonly T[],
  input: QueryFields,
  size = 100,
): { readonly items: readonly T[]; readonly NextToken?: string } => {
  const token = textOf(input, "NextToken") ?? textOf(input, "nextToken");
  const from = token === undefined || token === "" ? 0 : readToken(token);
  const to = from + size;
  return {
    items: all.slice(from, to),
    ...(to < all.length ? { NextToken: Buffer.from(`page:${to}`).toString("base64") } : {}),
  };
};

const readToken = (token: string): number => {
  const [, at] = /^page:(\d{1,9})$/.exec(Buffer.from(token, "base64").toString("utf8")) ?? [];
  if (at === undefined) throw snsErrors.invalid("NextToken");
  return Number(at);
};

/** The texts of a map of the input. */
export const texts = (fields: QueryFields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
