import { sesErrors } from "./errors.ts";
import { eventType } from "./graph-sets.ts";
import type { Dimension, EventDestination } from "./state.ts";
import { listOf, objectOf, requiredText } from "./v2-call.ts";

const dimensionsOf = (value: unknown): Dimension[] =>
  listOf(objectOf(value).DimensionConfigurations).map((item) => {
    const { DimensionName, DimensionValueSource, DefaultDimensionValue } = objectOf(item);
    return {
      name: requiredText(DimensionName, "dimensionName"),
      source: requiredText(DimensionValueSource, "dimensionValueSource"),
      fallback: requiredText(DefaultDimensionValue, "defaultDimensionValue"),
    };
  });

/** Reads an event destination. */
export const destinationOf = (name: string, value: unknown): EventDestination => {
  const input = objectOf(value);
  const types = listOf(input.MatchingEventTypes).map((type) => {
    const known = eventType(type);
    if (!known) throw sesErrors.invalid(`Invalid event type: ${String(type).slice(0, 80)}`);
    return known;
  });
  if (types.length === 0) throw sesErrors.invalid("At least one matching event type must be specified.");
  if (input.KinesisFirehoseDestination || input.PinpointDestination)
    throw sesErrors.unserved("The local cloud does not serve event destinations of Firehose or Pinpoint.");
  const targets = ["SnsDestination", "EventBridgeDestination", "CloudWatchDestination"].filter(
    (t) => input[t],
  );
  if (targets.length !== 1) throw sesErrors.invalid("Exactly one event destination must be specified.");
  const base = { name, enabled: input.Enabled === true, types };
  if (input.SnsDestination)
    return { ...base, topicArn: requiredText(objectOf(input.SnsDestination).TopicArn, "topicArn") };
  if (input.EventBridgeDestination)
    return {
      ...base,
      busArn: requiredText(objectOf(input.EventBridgeDestination).EventBusArn, "eventBusArn"),
    };
  return { ...base, dimensions: dimensionsOf(input.CloudWatchDestination) };
};

/** An event destination as v2 shows it. */
export const showDestination = ({
  name,
  enabled,
  types,
  topicArn,
  busArn,
  dimensions,
}: EventDestination) => ({
  Name: name,
  Enabled: enabled,
  MatchingEventTypes: types,
  ...(topicArn ? { SnsDestination: { TopicArn: topicArn } } : {}),
  ...(busArn ? { EventBridgeDestination: { EventBusArn: busArn } } : {}),
  ...(dimensions
    ? {
        CloudWatchDestination: {
          DimensionConfigurations: dimensions.map((d) => ({
            DimensionName: d.name,
            DimensionValueSource: d.source,
            DefaultDimensionValue: d.fallback,
          })),
        },
      }
    : {}),
});
