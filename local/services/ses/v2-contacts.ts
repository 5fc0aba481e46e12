import { foldAddress, readMailbox } from "./address.ts";
import { isSubscribed, listNamed } from "./contacts.ts";
import type { Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import type { Contact, ContactList } from "./state.ts";
import {
  type Input,
  listOf,
  objectOf,
  optionalText,
  page,
  requiredText,
  seconds,
  type V2Operations,
} from "./v2-call.ts";

const preferencesOf = (list: ContactList, value: unknown): Contact["preferences"] =>
  Object.fromEntries(
    listOf(value).map((item) => {
      const { TopicName, SubscriptionStatus } = objectOf(item);
      const name = requiredText(TopicName, "topicName");
      if (!list.topics.some((topic) => topic.TopicName === name))
        throw sesErrors.invalid(`Topic ${name} doesn't exist in the list ${list.name}.`);
      return [name, SubscriptionStatus === "OPT_IN" ? "OPT_IN" : "OPT_OUT"];
    }),
  );

const contactNamed = (list: ContactList, name: string): Contact => {
  const contact = list.contacts.get(foldAddress(name));
  if (!contact) throw sesErrors.notFound(`Contact ${name} doesn't exist in the list ${list.name}.`);
  return contact;
};

const fill = (list: ContactList, contact: Contact, input: Input, now: number): void => {
  if (input.TopicPreferences) contact.preferences = preferencesOf(list, input.TopicPreferences);
  if (typeof input.UnsubscribeAll === "boolean") contact.unsubscribedAll = input.UnsubscribeAll;
  if (typeof input.AttributesData === "string") contact.attributes = input.AttributesData;
  contact.updatedAt = now;
};

const showContact = (list: ContactList, contact: Contact) => ({
  EmailAddress: contact.address,
  TopicPreferences: Object.entries(contact.preferences).map(([TopicName, SubscriptionStatus]) => ({
    TopicName,
    SubscriptionStatus,
  })),
  TopicDefaultPreferences: list.topics
    .filter(({ TopicName }) => !contact.preferences[TopicName])
    .map(({ TopicName, DefaultSubscriptionStatus }) => ({
      TopicName,
      SubscriptionStatus: DefaultSubscriptionStatus,
    })),
  UnsubscribeAll: contact.unsubscribedAll,
  LastUpdatedTimestamp: seconds(contact.updatedAt),
});

// `FilteredStatus` with a topic: who takes it, or who does not; the topic's default counts where it is asked for.
const matches = (list: ContactList, contact: Contact, filter: Input): boolean => {
  const { FilteredStatus: status, TopicFilter } = filter;
  const { TopicName, UseDefaultIfPreferenceUnavailable: useDefault } = objectOf(TopicFilter);
  const topic = optionalText(TopicName);
  if (topic !== undefined && useDefault !== true && !contact.preferences[topic]) return status === undefined;
  return status === undefined || isSubscribed(list, contact, topic) === (status === "OPT_IN");
};

const now = ({ cloud }: Ses): number => cloud.clock.now();

export const contactOperations: V2Operations = {
  "POST contact-lists/*/contacts": [
    "CreateContact",
    async (ses, { names: [name = ""], input }) => {
      const list = listNamed(ses, name);
      const address = foldAddress(readMailbox(input.EmailAddress).address);
      if (list.contacts.has(address)) throw sesErrors.exists(`Contact already exists in list: ${name}`);
      const times = { createdAt: now(ses), updatedAt: now(ses) };
      const contact: Contact = { address, preferences: {}, unsubscribedAll: false, ...times };
      fill(list, contact, input, now(ses));
      list.contacts.set(address, contact);
      await ses.save();
      return {};
    },
  ],
  "POST contact-lists/*/contacts/list": [
    "ListContacts",
    (ses, { names: [name = ""], input }) => {
      const list = listNamed(ses, name);
      const found = [...list.contacts.values()].filter((contact) =>
        matches(list, contact, objectOf(input.Filter)),
      );
      const { items, token } = page(found, input.NextToken, input.PageSize);
      return { Contacts: items.map((contact) => showContact(list, contact)), ...token };
    },
  ],
  "GET contact-lists/*/contacts/*": [
    "GetContact",
    (ses, { names: [name = "", address = ""] }) => {
      const list = listNamed(ses, name);
      const contact = contactNamed(list, address);
      return {
        ContactListName: name,
        ...showContact(list, contact),
        AttributesData: contact.attributes,
        CreatedTimestamp: seconds(contact.createdAt),
      };
    },
  ],
  "PUT contact-lists/*/contacts/*": [
    "UpdateContact",
    async (ses, { names: [name = "", address = ""], input }) => {
      const list = listNamed(ses, name);
      fill(list, contactNamed(list, address), input, now(ses));
      await ses.save();
      return {};
    },
  ],
  "DELETE contact-lists/*/contacts/*": [
    "DeleteContact",
    async (ses, { names: [name = "", address = ""] }) => {
      const list = listNamed(ses, name);
      list.contacts.delete(contactNamed(list, address).address);
      await ses.save();
      return {};
    },
  ],
};
