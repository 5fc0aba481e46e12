import { foldAddress, type Mailbox } from "./address.ts";
import type { Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import type { Mail, StepName } from "./mail.ts";
import { planFor } from "./outcomes.ts";
import { happen } from "./publish.ts";
import type { ConfigurationSet, Contact, ContactList } from "./state.ts";
import type { Ticket } from "./tracking.ts";

type ListRef = { readonly name: string; readonly topic?: string };

/** A contact list by name; throws when there is none. */
export const listNamed = ({ settings }: Ses, name: string): ContactList => {
  const list = settings.lists.get(name);
  if (!list) throw sesErrors.notFound(`List with name: ${name} doesn't exist.`);
  return list;
};

/** Checks the list a message belongs to: it must exist, and the message must be one person's. */
export const readList = (
  ses: Ses,
  ref: ListRef | undefined,
  recipients: readonly Mailbox[],
): ListRef | undefined => {
  if (!ref) return undefined;
  const list = listNamed(ses, ref.name);
  if (ref.topic !== undefined && !list.topics.some(({ TopicName }) => TopicName === ref.topic))
    throw sesErrors.notFound(`Topic ${ref.topic} doesn't exist in the list ${ref.name}.`);
  if (recipients.length !== 1)
    throw sesErrors.invalid("List management is supported for messages with a single recipient only.");
  return ref;
};

/** Whether a contact takes messages of a topic; undefined topic: of the list at all. */
export const isSubscribed = (list: ContactList, contact: Contact | undefined, topic?: string): boolean => {
  if (contact?.unsubscribedAll) return false;
  if (topic === undefined) return true;
  const fallback = list.topics.find(({ TopicName }) => TopicName === topic)?.DefaultSubscriptionStatus;
  return (contact?.preferences[topic] ?? fallback) === "OPT_IN";
};

/** What will happen to one recipient's message: nothing is sent to one who left its list. */
export const planOf = (
  ses: Ses,
  set: ConfigurationSet | undefined,
  ref: ListRef | undefined,
  recipient: string,
): readonly (readonly [StepName, number])[] => {
  const list = ref && ses.settings.lists.get(ref.name);
  const contact = list?.contacts.get(foldAddress(recipient));
  // A default of "opted out" hides a topic from new contacts; only one who said no gets nothing.
  const left =
    contact?.unsubscribedAll || (ref?.topic !== undefined && contact?.preferences[ref.topic] === "OPT_OUT");
  return left ? [["unsubscribed", 50]] : planFor(ses.settings, set, recipient);
};

/** Where the recipient of a message leaves its list. */
export const listUrl = (ticket: (of: Omit<Ticket, "m">) => string, [recipient]: readonly Mailbox[]): string =>
  ticket({ k: "u", r: recipient?.address ?? "" });

const preferencesOf = (list: ContactList, contact: Contact | undefined) => ({
  unsubscribeAll: contact?.unsubscribedAll ?? false,
  topicSubscriptionStatus: list.topics.map(({ TopicName, DefaultSubscriptionStatus }) => ({
    topicName: TopicName,
    subscriptionStatus:
      (contact?.preferences[TopicName] ?? DefaultSubscriptionStatus) === "OPT_IN" ? "OptIn" : "OptOut",
  })),
});

/** Takes a recipient off the topic of a message, or off its whole list, and tells so. */
export const unsubscribe = async (ses: Ses, mail: Mail, recipient: string): Promise<void> => {
  const list = ses.settings.lists.get(mail.list?.name ?? "");
  if (!list) return;
  const at = ses.cloud.clock.now();
  const address = foldAddress(recipient);
  const known = list.contacts.get(address);
  const before = preferencesOf(list, known);
  const contact = known ?? { address, preferences: {}, unsubscribedAll: false, createdAt: at, updatedAt: at };
  if (mail.list?.topic === undefined) contact.unsubscribedAll = true;
  else contact.preferences[mail.list.topic] = "OPT_OUT";
  contact.updatedAt = at;
  list.contacts.set(address, contact);
  await ses.save();
  happen(ses, mail, {
    type: "Subscription",
    at,
    recipients: [recipient],
    record: {
      contactList: list.name,
      timestamp: new Date(at).toISOString(),
      source: "UnsubscribeHeader",
      newTopicPreferences: preferencesOf(list, contact),
      oldTopicPreferences: before,
    },
  });
};
