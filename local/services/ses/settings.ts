import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readKept } from "../../kit/kept.ts";
import type { Account, ConfigurationSet, Contact, ContactList, Settings } from "./state.ts";

/** What an account that has left the sandbox starts with; sandbox: 200 a day, 1 a second. */
export const PRODUCTION = { quota: 50_000, rate: 14 };
export const SANDBOX = { quota: 200, rate: 1 };

const freshAccount = (): Account => ({
  sending: true,
  // Outside the sandbox: the people of a local demo have no mailboxes that could be verified.
  production: true,
  ...PRODUCTION,
  suppressedReasons: ["BOUNCE", "COMPLAINT"],
});

type Lists = {
  -readonly [name in keyof Settings]?: Settings[name] extends Map<string, infer Item>
    ? Item[]
    : Settings[name];
};

type KeptSet = Omit<ConfigurationSet, "destinations"> & { destinations: [] };
type KeptList = Omit<ContactList, "contacts"> & { contacts: Contact[] };

const byName = <T extends { readonly name: string }>(items: readonly T[] = []): Map<string, T> =>
  new Map(items.map((item) => [item.name, item]));

const revive = (kept: Lists): Settings => {
  const sets = ((kept.sets ?? []) as unknown as KeptSet[]).map((set) => ({
    ...set,
    destinations: byName(set.destinations),
  }));
  const lists = ((kept.lists ?? []) as unknown as KeptList[]).map((list) => ({
    ...list,
    contacts: new Map(list.contacts.map((contact) => [contact.address, contact])),
  }));
  return {
    account: { ...freshAccount(), ...kept.account },
    identities: byName(kept.identities),
    templates: byName(kept.templates),
    suppressed: new Map((kept.suppressed ?? []).map((entry) => [entry.address, entry])),
    sets: byName(sets),
    lists: byName(lists),
    secret: kept.secret ?? randomBytes(32).toString("hex"),
  };
};

// What a stack states is read from the graph again: the next start shows what the next deployment would.
const own = <T extends { readonly stated?: true }>(items: ReadonlyMap<string, T>): T[] =>
  [...items.values()].filter((item) => !item.stated);

const dump = (settings: Settings) => ({
  account: settings.account,
  identities: own(settings.identities),
  templates: own(settings.templates),
  suppressed: [...settings.suppressed.values()],
  sets: own(settings.sets).map((set) => ({ ...set, destinations: [...set.destinations.values()] })),
  lists: [...settings.lists.values()].map((list) => ({ ...list, contacts: [...list.contacts.values()] })),
  secret: settings.secret,
});

/** Opens the settings; `save` resolves once what was changed is on disk. Undefined `folder` keeps them in memory. */
export const openSettings = (
  folder: string | undefined,
): { settings: Settings; save: () => Promise<void> } => {
  if (folder === undefined) return { settings: revive({}), save: async () => {} };
  const file = join(folder, "settings.json");
  const settings = revive((readKept(file) ?? {}) as Lists);
  const write = () => {
    saving = undefined;
    mkdirSync(folder, { recursive: true });
    // Addresses of people, and the secret of tracked links: for the developer's eyes only.
    writeFileSync(`${file}.new`, JSON.stringify(dump(settings)), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  // Changes of one turn of the event loop share one write.
  let saving: Promise<void> | undefined;
  const save = () => {
    saving ??= new Promise<void>((resolve) => setImmediate(resolve)).then(write);
    return saving;
  };
  return { settings, save };
};
