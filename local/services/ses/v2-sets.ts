import { arnOf, type Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { eventType } from "./graph-settings.ts";
import { addSet, dropDestination, dropSet, putDestination, setNamed } from "./sets.ts";
import type { ConfigurationSet, Dimension, EventDestination, Reason } from "./state.ts";
import { type Input, listOf, objectOf, page, requiredText, type V2Operations } from "./v2-call.ts";
import { resourceTags } from "./v2-identities.ts";

/** Reads reasons of suppression. */
export const readReasons = (value: unknown): Reason[] =>
  listOf(value).map((reason) => {
    if (reason === "BOUNCE" || reason === "COMPLAINT") return reason;
    throw sesErrors.invalid(`Invalid suppression reason: ${String(reason).slice(0, 80)}`);
  });

const dimensionsOf = (value: unknown): Dimension[] =>
  listOf(objectOf(value).DimensionConfigurations).map((item) => {
    const { DimensionName, DimensionValueSource, DefaultDimensionValue } = objectOf(item);
    return {
      name: requiredText(DimensionName, "dimensionName"),
      source: requiredText(DimensionValueSource, "dimensionValueSource"),
      fallback: requiredText(DefaultDimensionValue, "defaultDimensionValue"),
    };
  });

const destinationOf = (name: string, value: unknown): EventDestination => {
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

const showDestination = ({ name, enabled, types, topicArn, busArn, dimensions }: EventDestination) => ({
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

const NAMED = ["TrackingOptions", "DeliveryOptions", "ReputationOptions", "VdmOptions", "ArchivingOptions"];

const setFrom = (input: Input): ConfigurationSet => {
  const options = NAMED.filter((name) => input[name]).map((name) => [name, { ...objectOf(input[name]) }]);
  const suppression = input.SuppressionOptions && objectOf(input.SuppressionOptions).SuppressedReasons;
  return {
    name: requiredText(input.ConfigurationSetName, "configurationSetName"),
    sending: objectOf(input.SendingOptions).SendingEnabled !== false,
    options: Object.fromEntries(options),
    destinations: new Map(),
    tags: resourceTags(input.Tags),
    ...(suppression ? { suppressedReasons: readReasons(suppression) } : {}),
  };
};

const show = (set: ConfigurationSet) => ({
  ConfigurationSetName: set.name,
  SendingOptions: { SendingEnabled: set.sending },
  ...set.options,
  ...(set.suppressedReasons ? { SuppressionOptions: { SuppressedReasons: set.suppressedReasons } } : {}),
  Tags: set.tags,
});

const nodeOf = (ses: Ses, set: ConfigurationSet) => ({ node: arnOf(ses, `configuration-set/${set.name}`) });

const change =
  (apply: (set: ConfigurationSet, input: Input) => void): V2Operations[string][1] =>
  async (ses, { names: [name = ""], input }) => {
    const set = setNamed(ses, name);
    apply(set, input);
    await ses.save();
    return nodeOf(ses, set);
  };

const option = (name: string) =>
  change((set, input) => {
    set.options[name] = { ...objectOf(input[name] ?? input) };
  });

const list: V2Operations[string][1] = ({ settings }, { query, input }) => {
  const { items, token } = page(
    [...settings.sets.keys()],
    input.NextToken ?? query.get("NextToken"),
    input.PageSize ?? query.get("PageSize"),
  );
  return { ConfigurationSets: items, ...token };
};

const put =
  (replace: boolean): V2Operations[string][1] =>
  async (ses, { names: [name = "", named], input }) => {
    const set = setNamed(ses, name);
    const own = named ?? requiredText(input.EventDestinationName, "eventDestinationName");
    await putDestination(ses, set, destinationOf(own, input.EventDestination), replace);
    return nodeOf(ses, set);
  };

export const setOperations: V2Operations = {
  "POST configuration-sets": [
    "CreateConfigurationSet",
    async (ses, { input }) => {
      const set = setFrom(input);
      await addSet(ses, set);
      return nodeOf(ses, set);
    },
  ],
  "GET configuration-sets": ["ListConfigurationSets", list],
  "POST list-configuration-sets": ["ListConfigurationSets", list],
  "GET configuration-sets/*": [
    "GetConfigurationSet",
    (ses, { names: [name = ""] }) => {
      const set = setNamed(ses, name);
      return { ...show(set), ...nodeOf(ses, set) };
    },
  ],
  "DELETE configuration-sets/*": [
    "DeleteConfigurationSet",
    async (ses, { names: [name = ""] }) => {
      await dropSet(ses, name);
      return {};
    },
  ],
  "POST configuration-sets/*/event-destinations": ["CreateConfigurationSetEventDestination", put(false)],
  "PUT configuration-sets/*/event-destinations/*": ["UpdateConfigurationSetEventDestination", put(true)],
  "GET configuration-sets/*/event-destinations": [
    "GetConfigurationSetEventDestinations",
    (ses, { names: [name = ""] }) => {
      const set = setNamed(ses, name);
      return { EventDestinations: [...set.destinations.values()].map(showDestination), ...nodeOf(ses, set) };
    },
  ],
  "DELETE configuration-sets/*/event-destinations/*": [
    "DeleteConfigurationSetEventDestination",
    async (ses, { names: [name = "", destination = ""] }) => {
      const set = setNamed(ses, name);
      await dropDestination(ses, set, destination);
      return nodeOf(ses, set);
    },
  ],
  "PUT configuration-sets/*/sending": [
    "PutConfigurationSetSendingOptions",
    change((set, input) => {
      set.sending = input.SendingEnabled === true;
    }),
  ],
  "PUT configuration-sets/*/suppression-options": [
    "PutConfigurationSetSuppressionOptions",
    change((set, input) => {
      const given = optionalList(input.SuppressedReasons);
      if (given) set.suppressedReasons = readReasons(given);
      else delete set.suppressedReasons;
    }),
  ],
  "PUT configuration-sets/*/tracking-options": [
    "PutConfigurationSetTrackingOptions",
    option("TrackingOptions"),
  ],
  "PUT configuration-sets/*/delivery-options": [
    "PutConfigurationSetDeliveryOptions",
    option("DeliveryOptions"),
  ],
  "PUT configuration-sets/*/reputation-options": [
    "PutConfigurationSetReputationOptions",
    option("ReputationOptions"),
  ],
  "PUT configuration-sets/*/vdm-options": ["PutConfigurationSetVdmOptions", option("VdmOptions")],
  "PUT configuration-sets/*/archiving-options": [
    "PutConfigurationSetArchivingOptions",
    option("ArchivingOptions"),
  ],
};

const optionalList = (value: unknown) => (Array.isArray(value) ? value : undefined);
