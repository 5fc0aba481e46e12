import { SESClient } from "@aws-sdk/client-ses";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import type { Resource } from "../../local/graph/graph.ts";
import type { AwsService } from "../../local/kit/cloud.ts";
import { events } from "../../local/services/eventbridge/events.ts";
import type { Metric } from "../../local/services/ses/context.ts";
import { ses } from "../../local/services/ses/ses.ts";
import { sns } from "../../local/services/sns/sns.ts";
import { ACCOUNT, clientConfig, graphOf, REGION, resource, startCloud, until } from "./gateway-fixture.ts";

export const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:mail-events`;
export const FEEDBACK = `arn:aws:sns:${REGION}:${ACCOUNT}:feedback`;
export const BUS = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;
const queue = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

const topic = (name: string, arn: string): Resource[] => [
  resource("aws:sns/topic:Topic", name, { name }, { arn, id: arn }),
  resource(
    "aws:sns/topicSubscription:TopicSubscription",
    `${name}-queue`,
    { topic: arn, protocol: "sqs", endpoint: queue(name), rawMessageDelivery: true },
    { arn: `${arn}:1`, id: `${arn}:1` },
  ),
];

const ALL = [
  ...["SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "OPEN", "CLICK", "RENDERING_FAILURE"],
  ...["DELIVERY_DELAY", "SUBSCRIPTION"],
];

const destination = (name: string, configurationSetName: string, eventDestination: object): Resource =>
  resource("aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination", name, {
    configurationSetName,
    eventDestinationName: name,
    eventDestination: { enabled: true, ...eventDestination },
  });

/** A sender's domain, a configuration set that tells everything to a topic, the bus and CloudWatch, and one that tells nothing. */
export const mailResources: Resource[] = [
  ...topic("mail-events", TOPIC),
  ...topic("feedback", FEEDBACK),
  resource("aws:sesv2/configurationSet:ConfigurationSet", "all", {}, { configurationSetName: "all" }),
  resource("aws:sesv2/configurationSet:ConfigurationSet", "quiet", {}, { configurationSetName: "quiet" }),
  destination("topic", "all", { matchingEventTypes: ALL, snsDestination: { topicArn: TOPIC } }),
  destination("bus", "all", { matchingEventTypes: ALL, eventBridgeDestination: { eventBusArn: BUS } }),
  destination("watch", "all", {
    matchingEventTypes: ALL,
    cloudWatchDestination: {
      dimensionConfigurations: [
        { dimensionName: "campaign", dimensionValueSource: "MESSAGE_TAG", defaultDimensionValue: "none" },
      ],
    },
  }),
  resource("aws:sesv2/emailIdentity:EmailIdentity", "library", { emailIdentity: "library.example" }),
  resource("aws:ses/emailIdentity:EmailIdentity", "desk", { email: "desk@other.example" }),
  resource("aws:ses/identityNotificationTopic:IdentityNotificationTopic", "bounces", {
    identity: "desk@other.example",
    notificationType: "Bounce",
    topicArn: FEEDBACK,
    includeOriginalHeaders: true,
  }),
  resource("aws:ses/identityNotificationTopic:IdentityNotificationTopic", "deliveries", {
    identity: "desk@other.example",
    notificationType: "Delivery",
    topicArn: FEEDBACK,
  }),
  resource(
    "aws:cloudwatch/eventRule:EventRule",
    "mail",
    { eventPattern: JSON.stringify({ source: ["aws.ses"] }) },
    { name: "mail", arn: `arn:aws:events:${REGION}:${ACCOUNT}:rule/mail` },
  ),
  resource("aws:cloudwatch/eventTarget:EventTarget", "mail-queue", { rule: "mail", arn: queue("bus") }),
];

/** An event record, as far as tests look. */
export interface EventRecord {
  readonly eventType?: string;
  readonly notificationType?: string;
  readonly mail: Record<string, unknown> & { messageId: string; tags: Record<string, string[]> };
  readonly [part: string]: unknown;
}

/** SES with SNS and EventBridge behind the real endpoint. */
export const startSes = async (options: { resources?: Resource[]; dataDir?: string } = {}) => {
  let service: AwsService | undefined;
  const metrics: Metric[] = [];
  const running = await startCloud({
    graph: graphOf(options.resources ?? mailResources),
    services: [
      sns,
      events,
      (cloud) => {
        service = ses(cloud, { metric: (metric) => void metrics.push(metric) });
        return service;
      },
    ],
    ...(options.dataDir ? { dataDir: options.dataDir } : {}),
  });
  const config = clientConfig(running);
  const at = (name: string): unknown[] =>
    running.delivered
      .filter(({ targetArn, delivery }) => targetArn === queue(name) && delivery.body.startsWith("{"))
      .map(({ delivery }) => JSON.parse(delivery.body));
  const records = (name = "mail-events") => at(name) as EventRecord[];
  return {
    ...running,
    v1: new SESClient(config),
    v2: new SESv2Client(config),
    metrics,
    bus: () => at("bus") as (Record<string, unknown> & { detail: EventRecord })[],
    records,
    view: <T = Record<string, unknown>>(name: string, query: Record<string, string> = {}) =>
      Promise.resolve(service?.views?.[name]?.(new URLSearchParams(query)) as T | Promise<T>),
    act: async (name: string, input: Record<string, unknown> = {}) => service?.actions?.[name]?.(input),
    /** Waits for the event of a type about a message. */
    event: (messageId: string | undefined, type: string) =>
      until(() => records().find((r) => r.eventType === type && r.mail.messageId === messageId)),
  };
};

/** A message of few words. */
export const simple = (to: string[], extra: Record<string, unknown> = {}) => ({
  FromEmailAddress: "Library <desk@library.example>",
  Destination: { ToAddresses: to },
  Content: {
    Simple: { Subject: { Data: "Due" }, Body: { Text: { Data: "Your book is due." } } },
  },
  ConfigurationSetName: "all",
  ...extra,
});
