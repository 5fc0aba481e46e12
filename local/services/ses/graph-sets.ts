import { byType, type Graph, type Resource } from "../../graph/graph.ts";
import { type Fields, fieldsOf, listOf, textOf } from "./fields.ts";
import {
  type ConfigurationSet,
  EVENT_TYPES,
  type EventDestination,
  type EventType,
  type Reason,
  type Settings,
} from "./state.ts";

/** Spells an event's name as v2 does; v1 and Pulumi write `renderingFailure`. */
export const eventType = (name: unknown): EventType | undefined => {
  const upper = String(name)
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toUpperCase();
  return EVENT_TYPES.find((type) => type === upper);
};

/** Reasons of suppression a resource states. */
export const reasonsOf = (value: unknown): Reason[] | undefined =>
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

/** Lays over the settings the configuration sets of the stacks, and where each tells its events. */
export const applySets = (graph: Graph, settings: Settings): void => {
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
