import { listOf, mapOf, type QueryFields, textOf } from "../../kit/query.ts";
import { arnOf, type Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { eventType } from "./graph-sets.ts";
import { addSet, dropDestination, dropSet, putDestination, setNamed } from "./sets.ts";
import type { ConfigurationSet, EventDestination, EventType } from "./state.ts";
import type { V1Operation, V1Operations } from "./v1.ts";
import { page } from "./v2-call.ts";

const nodeOf = (ses: Ses, name: string) => ({ node: arnOf(ses, `configuration-set/${name}`) });

const set = (ses: Ses, fields: QueryFields): ConfigurationSet =>
  setNamed(ses, textOf(fields, "ConfigurationSetName") ?? "");

// v1 writes `renderingFailure` where v2 writes `RENDERING_FAILURE`.
const v1Type = (type: EventType): string =>
  type.toLowerCase().replace(/_(.)/g, (_, c: string) => c.toUpperCase());

const destinationOf = (stated: QueryFields): EventDestination => {
  const types = listOf(stated, "MatchingEventTypes").map((type) => {
    const known = eventType(type);
    if (!known) throw sesErrors.invalid(`Invalid event type: ${String(type).slice(0, 80)}`);
    return known;
  });
  if (stated.KinesisFirehoseDestination)
    throw sesErrors.unserved("The local cloud does not serve event destinations of Firehose.");
  const topicArn = textOf(mapOf(stated, "SNSDestination"), "TopicARN");
  const watch = listOf(mapOf(stated, "CloudWatchDestination"), "DimensionConfigurations");
  if (!topicArn && watch.length === 0)
    throw sesErrors.invalid("Exactly one event destination must be specified.");
  const dimensions = watch.map((item) => {
    const fields = item as QueryFields;
    const text = (name: string) => textOf(fields, name) ?? "";
    return {
      name: text("DimensionName"),
      source: text("DimensionValueSource"),
      fallback: text("DefaultDimensionValue"),
    };
  });
  return {
    name: textOf(stated, "Name") ?? "",
    enabled: textOf(stated, "Enabled") === "true",
    types,
    ...(topicArn ? { topicArn } : { dimensions }),
  };
};

const show = ({ name, enabled, types, topicArn, dimensions }: EventDestination) => ({
  Name: name,
  Enabled: enabled,
  MatchingEventTypes: types.map(v1Type),
  ...(topicArn ? { SNSDestination: { TopicARN: topicArn } } : {}),
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

const put =
  (replace: boolean): V1Operation =>
  async (ses, fields) => {
    const found = set(ses, fields);
    await putDestination(ses, found, destinationOf(mapOf(fields, "EventDestination")), replace);
    return nodeOf(ses, found.name);
  };

export const v1SetOperations: V1Operations = {
  CreateConfigurationSet: async (ses, fields) => {
    const name = textOf(mapOf(fields, "ConfigurationSet"), "Name") ?? "";
    await addSet(ses, { name, sending: true, options: {}, destinations: new Map(), tags: [] });
    return nodeOf(ses, name);
  },
  DeleteConfigurationSet: async (ses, fields) => {
    await dropSet(ses, textOf(fields, "ConfigurationSetName") ?? "");
    return {};
  },
  ListConfigurationSets: ({ settings }, fields) => {
    const names = [...settings.sets.keys()];
    const { items, token } = page(names, textOf(fields, "NextToken"), textOf(fields, "MaxItems"));
    return { ConfigurationSets: items.map((Name) => ({ Name })), ...token };
  },
  DescribeConfigurationSet: (ses, fields) => {
    const found = set(ses, fields);
    const asked = listOf(fields, "ConfigurationSetAttributeNames").map(String);
    return {
      ConfigurationSet: { Name: found.name },
      ...(asked.includes("eventDestinations")
        ? { EventDestinations: [...found.destinations.values()].map(show) }
        : {}),
      ...(asked.includes("reputationOptions")
        ? { ReputationOptions: { SendingEnabled: found.sending, ReputationMetricsEnabled: false } }
        : {}),
      ...nodeOf(ses, found.name),
    };
  },
  CreateConfigurationSetEventDestination: put(false),
  UpdateConfigurationSetEventDestination: put(true),
  DeleteConfigurationSetEventDestination: async (ses, fields) => {
    const found = set(ses, fields);
    await dropDestination(ses, found, textOf(fields, "EventDestinationName") ?? "");
    return nodeOf(ses, found.name);
  },
  UpdateConfigurationSetSendingEnabled: async (ses, fields) => {
    const found = set(ses, fields);
    found.sending = textOf(fields, "Enabled") === "true";
    await ses.save();
    return nodeOf(ses, found.name);
  },
};
