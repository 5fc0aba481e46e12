import { arnOf, type Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { addSet, dropDestination, dropSet, putDestination, setNamed } from "./sets.ts";
import type { ConfigurationSet, Reason } from "./state.ts";
import { type Input, listOf, objectOf, page, requiredText, type V2Operations } from "./v2-call.ts";
import { destinationOf, showDestination } from "./v2-destinations.ts";
import { resourceTags } from "./v2-identities.ts";

/** Reads reasons of suppression. */
export const readReasons = (value: unknown): Reason[] =>
  listOf(value).map((reason) => {
    if (reason === "BOUNCE" || reason === "COMPLAINT") return reason;
    throw sesErrors.invalid(`Invalid suppression reason: ${String(reason).slice(0, 80)}`);
  });

const NAMED = ["TrackingOptions", "DeliveryOptions", "ReputationOptions", "VdmOptions", "ArchivingOptions"];

/** Characters that one group of options may take: all of them are kept. */
const MOST_OPTIONS = 10_000;

const optionsOf = (value: unknown): Record<string, unknown> => {
  const options = objectOf(value);
  try {
    if (JSON.stringify(options).length <= MOST_OPTIONS) return { ...options };
  } catch {
    // nested too deeply to be written
  }
  throw sesErrors.invalid("The options are not valid.");
};

const setFrom = (input: Input): ConfigurationSet => {
  const options = NAMED.filter((name) => input[name]).map((name) => [name, optionsOf(input[name])]);
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
    set.options[name] = optionsOf(input[name] ?? input);
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
