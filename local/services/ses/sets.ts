import { arnOf, type Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { isDefaultBus, ONLY_DEFAULT_BUS } from "./graph-sets.ts";
import type { ConfigurationSet, EventDestination } from "./state.ts";

/** Configuration sets of an account, and destinations of each. */
const MOST_SETS = 10_000;
const MOST_DESTINATIONS = 10;

/** A configuration set by name; throws when there is none. */
export const setNamed = ({ settings }: Ses, name: string): ConfigurationSet => {
  const set = settings.sets.get(name);
  if (!set) throw sesErrors.noSet(name);
  return set;
};

/** Adds a configuration set. */
export const addSet = async (ses: Ses, set: ConfigurationSet): Promise<void> => {
  if (!/^[\w-]{1,64}$/.test(set.name))
    throw sesErrors.invalid(`Invalid configuration set name <${set.name.slice(0, 80)}>.`);
  if (ses.settings.sets.has(set.name))
    throw sesErrors.setExists(`Configuration set <${set.name}> already exists.`);
  if (ses.settings.sets.size >= MOST_SETS)
    throw sesErrors.limit("Maximum number of configuration sets reached.");
  ses.settings.sets.set(set.name, set);
  await ses.save();
};

/** Takes a configuration set away; throws when there is none. */
export const dropSet = async (ses: Ses, name: string): Promise<void> => {
  setNamed(ses, name);
  ses.settings.sets.delete(name);
  await ses.save();
};

const VALIDATION = "Successfully validated SNS topic for Amazon SES event publishing.";

// SES asks a topic by sending it something, and so does this: it must exist, and let SES in.
const checkTarget = async (
  ses: Ses,
  set: ConfigurationSet,
  { topicArn, busArn }: EventDestination,
): Promise<void> => {
  if (busArn && !isDefaultBus(busArn)) throw sesErrors.invalid(ONLY_DEFAULT_BUS);
  if (!topicArn) return;
  const sourceArn = arnOf(ses, `configuration-set/${set.name}`);
  await ses.cloud.deliver(topicArn, { body: VALIDATION, sourceArn }).catch(() => {
    throw sesErrors.invalidTopic(`SNS topic <${topicArn}> not found.`);
  });
};

/** Adds or replaces a destination of a configuration set; `replace` says which of the two must hold. */
export const putDestination = async (
  ses: Ses,
  set: ConfigurationSet,
  destination: EventDestination,
  replace: boolean,
): Promise<void> => {
  const { name } = destination;
  const known = set.destinations.has(name);
  if (replace && !known) throw sesErrors.noDestination(`No EventDestination found for ${set.name}`);
  if (!replace && known)
    throw sesErrors.destinationExists(`An event destination with the name '${name}' already exists`);
  if (!replace && set.destinations.size >= MOST_DESTINATIONS)
    throw sesErrors.limit("Maximum number of event destinations reached.");
  if (!/^[\w-]{1,64}$/.test(name))
    throw sesErrors.invalid(`Invalid event destination name <${name.slice(0, 80)}>.`);
  await checkTarget(ses, set, destination);
  set.destinations.set(name, destination);
  await ses.save();
};

/** Takes a destination away; throws when there is none. */
export const dropDestination = async (ses: Ses, set: ConfigurationSet, name: string): Promise<void> => {
  if (!set.destinations.delete(name))
    throw sesErrors.noDestination(`No EventDestination found for ${set.name}`);
  await ses.save();
};
