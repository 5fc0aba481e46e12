import { foldAddress, readMailbox } from "./address.ts";
import type { Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { newIdentity } from "./graph-settings.ts";
import type { Identity } from "./state.ts";

/** Identities of one account and region. */
const MOST_IDENTITIES = 10_000;

/** An identity by name; throws when there is none. */
export const identityNamed = ({ settings }: Ses, name: string): Identity => {
  const identity = settings.identities.get(foldAddress(name));
  if (!identity) throw sesErrors.notFound(`Email identity ${name} does not exist.`);
  return identity;
};

/** Checks a name of an identity: an address, or a domain. */
export const checkIdentity = (name: string): string => {
  if (name.includes("@")) return readMailbox(name).address;
  if (!/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i.test(name))
    throw sesErrors.invalid(`Invalid email identity: ${name.slice(0, 320)}`);
  return name;
};

/** Adds an identity; one that is there stays as it is. Verified at once: nobody here reads mail or asks DNS. */
export const addIdentity = async (
  ses: Ses,
  name: string,
  extra: Partial<Identity> = {},
): Promise<Identity> => {
  const checked = checkIdentity(name);
  const known = ses.settings.identities.get(foldAddress(checked));
  if (known) return known;
  if (ses.settings.identities.size >= MOST_IDENTITIES)
    throw sesErrors.limit("Maximum number of identities reached.");
  const identity = newIdentity(checked, extra);
  ses.settings.identities.set(identity.name, identity);
  await ses.save();
  return identity;
};
