import { createHash } from "node:crypto";
import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import { foldAddress } from "./address.ts";
import {
  type ConfigurationSet,
  EVENT_TYPES,
  type EventDestination,
  type EventType,
  type Feedback,
  type Identity,
  type Reason,
  type Settings,
  type Topic,
} from "./state.ts";

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Three names as SES gives for signing mails; the same for the same identity. */
export const dkimTokens = (name: string): string[] =>
  [1, 2, 3].map((n) => createHash("sha256").update(`${n}${name}`).digest("hex").slice(0, 32));

/** An identity that is verified: locally there is no one to ask. */
export const newIdentity = (name: string, extra: Partial<Identity> = {}): Identity => ({
  name: foldAddress(name),
  type: name.includes("@") ? "EMAIL_ADDRESS" : "DOMAIN",
  verified: true,
  forwarding: true,
  topics: {},
  headersIn: {},
  dkimTokens: dkimTokens(name),
  tags: [],
  ...extra,
});

/** Spells an event's name as v2 does; v1 and Pulumi write `renderingFailure`. */
export const eventType = (name: unknown): EventType | undefined => {
  const upper = String(name)
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toUpperCase();
  return EVENT_TYPES.find((type) => type === upper);
};

const identities = (graph: Graph, settings: Settings): void => {
  const state = (name: string | undefined, set?: string): void => {
    if (!name) return;
    const identity = newIdentity(name, { stated: true, ...(set ? { configurationSet: set } : {}) });
    settings.identities.set(identity.name, identity);
  };
  for (const { inputs } of byType(graph, "aws:sesv2/emailIdentity:EmailIdentity"))
    state(textOf(inputs.emailIdentity), textOf(inputs.configurationSetName));
  for (const { inputs } of byType(graph, "aws:ses/emailIdentity:EmailIdentity")) state(textOf(inputs.email));
  for (const { inputs } of byType(graph, "aws:ses/domainIdentity:DomainIdentity"))
    state(textOf(inputs.domain));
  for (const { inputs } of byType(graph, "aws:ses/identityNotificationTopic:IdentityNotificationTopic")) {
    // The identity may be named by its ARN.
    const identity = settings.identities.get(
      foldAddress(String(inputs.identity).split("identity/").at(-1) ?? ""),
    );
    const feedback = String(inputs.notificationType) as Feedback;
    const topic = textOf(inputs.topicArn);
    if (!identity || !topic) continue;
    identity.topics[feedback] = topic;
    identity.headersIn[feedback] = inputs.includeOriginalHeaders === true;
  }
};

const reasonsOf = (value: unknown): Reason[] | undefined =>
  Array.isArray(value) ? value.filter((r): r is Reason => r === "BOUNCE" || r === "COMPLAINT") : undefined;

const CAPITALISED = [
  "deliveryOptions",
  "reputationOptions",
  "trackingOptions",
  "vdmOptions",
  "archivingOptions",
];
const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const setOf = ({ inputs, outputs, id }: Resource): ConfigurationSet => {
  const name = textOf(outputs.configurationSetName) ?? textOf(outputs.name) ?? id;
  const reasons = reasonsOf(fieldsOf(inputs.suppressionOptions).suppressedReasons);
  const sending = fieldsOf(inputs.sendingOptions).sendingEnabled ?? inputs.sendingEnabled;
  const options = CAPITALISED.filter((option) => inputs[option]).map(
    (option): [string, Record<string, unknown>] => [
      capital(option),
      Object.fromEntries(
        Object.entries(fieldsOf(inputs[option])).map(([key, value]) => [capital(key), value]),
      ),
    ],
  );
  return {
    name,
    sending: sending !== false,
    options: Object.fromEntries(options),
    destinations: new Map(),
    tags: Object.entries(fieldsOf(outputs.tags)).map(([Key, Value]) => ({ Key, Value: String(Value) })),
    stated: true,
    ...(reasons ? { suppressedReasons: reasons } : {}),
  };
};

/** SES puts events on an account's default bus alone. */
export const isDefaultBus = (arn: string): boolean => arn.endsWith(":event-bus/default");

/** Why another bus is refused. */
export const ONLY_DEFAULT_BUS = "Only the default event bus is supported as a destination of email events.";

const dimensionsOf = (list: readonly unknown[]) =>
  list.map(fieldsOf).map((d) => ({
    name: String(d.dimensionName),
    source: String(d.dimensionValueSource ?? d.valueSource),
    fallback: String(d.defaultDimensionValue ?? d.defaultValue),
  }));

const destinationOf = (
  resource: Resource,
  name: string,
  stated: Fields,
  types: unknown,
): EventDestination => {
  const refuse = (why: string): never => {
    throw new Error(`${resource.name}${resource.source ? ` (${resource.source})` : ""}: ${why}`);
  };
  if (stated.kinesisFirehoseDestination || stated.kinesisDestination || stated.pinpointDestination)
    refuse(
      "events of a configuration set go to topics, the bus and CloudWatch locally, not to Firehose or Pinpoint",
    );
  const topicArn = textOf(fieldsOf(stated.snsDestination).topicArn);
  const busArn = textOf(fieldsOf(stated.eventBridgeDestination).eventBusArn);
  if (busArn && !isDefaultBus(busArn)) refuse(ONLY_DEFAULT_BUS);
  const watch =
    fieldsOf(stated.cloudWatchDestination).dimensionConfigurations ?? stated.cloudwatchDestinations;
  return {
    name,
    enabled: stated.enabled === true,
    types: listOf(types).flatMap((type) => eventType(type) ?? []),
    ...(topicArn ? { topicArn } : {}),
    ...(busArn ? { busArn } : {}),
    ...(watch ? { dimensions: dimensionsOf(listOf(watch)) } : {}),
  };
};

const sets = (graph: Graph, settings: Settings): void => {
  for (const type of [
    "aws:sesv2/configurationSet:ConfigurationSet",
    "aws:ses/configurationSet:ConfigurationSet",
  ])
    for (const resource of byType(graph, type)) {
      const set = setOf(resource);
      settings.sets.set(set.name, set);
    }
  const add = (resource: Resource, name: string, stated: Fields, types: unknown): void => {
    const set = settings.sets.get(String(resource.inputs.configurationSetName));
    set?.destinations.set(name, destinationOf(resource, name, stated, types));
  };
  for (const r of byType(
    graph,
    "aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination",
  )) {
    const stated = fieldsOf(r.inputs.eventDestination);
    add(r, String(r.inputs.eventDestinationName), stated, stated.matchingEventTypes);
  }
  for (const r of byType(graph, "aws:ses/eventDestination:EventDestination"))
    add(r, String(r.outputs.name ?? r.name), r.inputs, r.inputs.matchingTypes);
};

const topicOf = (value: unknown): Topic => {
  const { topicName, displayName, description, defaultSubscriptionStatus } = fieldsOf(value);
  return {
    TopicName: String(topicName),
    DisplayName: String(displayName),
    DefaultSubscriptionStatus: defaultSubscriptionStatus === "OPT_IN" ? "OPT_IN" : "OPT_OUT",
    ...(description ? { Description: String(description) } : {}),
  };
};

const rest = (graph: Graph, settings: Settings, now: number): void => {
  for (const { inputs, outputs, name } of byType(graph, "aws:ses/template:Template")) {
    const template = { name: String(outputs.name ?? name), createdAt: now, stated: true as const };
    const [subject, html, text] = [textOf(inputs.subject), textOf(inputs.html), textOf(inputs.text)];
    const parts = { ...(subject ? { subject } : {}), ...(html ? { html } : {}), ...(text ? { text } : {}) };
    settings.templates.set(template.name, { ...template, ...parts });
  }
  for (const { inputs } of byType(graph, "aws:sesv2/contactList:ContactList")) {
    const name = String(inputs.contactListName);
    const known = settings.lists.get(name); // its contacts were made at run time
    const topics = listOf(inputs.topics).map(topicOf);
    const fresh = { name, contacts: new Map(), createdAt: now, ...known };
    settings.lists.set(name, { ...fresh, topics, updatedAt: now, stated: true });
  }
  for (const { inputs } of byType(
    graph,
    "aws:sesv2/accountSuppressionAttributes:AccountSuppressionAttributes",
  ))
    settings.account.suppressedReasons = reasonsOf(inputs.suppressedReasons) ?? [];
};

/** Lays over the settings what the stacks state: what `sst deploy` would make is there. */
export const applyGraph = (graph: Graph, settings: Settings, now: number): void => {
  identities(graph, settings);
  sets(graph, settings);
  rest(graph, settings, now);
};
