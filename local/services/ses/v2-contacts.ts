import { foldAddress, readMailbox } from "./address.ts";
import { isSubscribed, listNamed } from "./contacts.ts";
import type { Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import type { Contact, ContactList, Topic } from "./state.ts";
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

/** Topics of a list. */
const MOST_TOPICS = 20;

const topicsOf = (value: unknown): Topic[] => {
  const topics = listOf(value).map((item): Topic => {
    const { TopicName, DisplayName, Description, DefaultSubscriptionStatus } = objectOf(item);
    const description = optionalText(Description);
    return {
      TopicName: requiredText(TopicName, "topicName"),
      DisplayName: requiredText(DisplayName, "displayName"),
      DefaultSubscriptionStatus: DefaultSubscriptionStatus === "OPT_IN" ? "OPT_IN" : "OPT_OUT",
      ...(description ? { Description: description } : {}),
    };
  });
  if (topics.length > MOST_TOPICS)
    throw sesErrors.invalid(`A contact list has ${MOST_TOPICS} topics at most.`);
  if (new Set(topics.map((t) => t.TopicName)).size < topics.length)
    throw sesErrors.invalid("Topic names must be unique within a list.");
  return topics;
};

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

const createList: V2Operations[string][1] = async (ses, { input }) => {
  const name = requiredText(input.ContactListName, "contactListName");
  const { lists } = ses.settings;
  if (lists.has(name)) throw sesErrors.exists(`List with name: ${name} already exists.`);
  if (lists.size >= 1) throw sesErrors.limit("Maximum number of lists (1) reached.");
  const now = ses.cloud.clock.now();
  const topics = topicsOf(input.Topics);
  const description = optionalText(input.Description);
  const times = { createdAt: now, updatedAt: now };
  lists.set(name, { name, topics, contacts: new Map(), ...times, ...(description ? { description } : {}) });
  await ses.save();
  return {};
};

const now = ({ cloud }: Ses): number => cloud.clock.now();

const listOperations: V2Operations = {
  "POST contact-lists": ["CreateContactList", createList],
  "GET contact-lists": [
    "ListContactLists",
    ({ settings }) => ({
      ContactLists: [...settings.lists.values()].map((list) => ({
        ContactListName: list.name,
        LastUpdatedTimestamp: seconds(list.updatedAt),
      })),
    }),
  ],
  "GET contact-lists/*": [
    "GetContactList",
    (ses, { names: [name = ""] }) => {
      const list = listNamed(ses, name);
      return {
        ContactListName: name,
        Topics: list.topics,
        Description: list.description,
        CreatedTimestamp: seconds(list.createdAt),
        LastUpdatedTimestamp: seconds(list.updatedAt),
        Tags: [],
      };
    },
  ],
  "PUT contact-lists/*": [
    "UpdateContactList",
    async (ses, { names: [name = ""], input }) => {
      const list = listNamed(ses, name);
      if (input.Topics) list.topics = topicsOf(input.Topics);
      if (typeof input.Description === "string") list.description = input.Description;
      list.updatedAt = now(ses);
      await ses.save();
      return {};
    },
  ],
  "DELETE contact-lists/*": [
    "DeleteContactList",
    async (ses, { names: [name = ""] }) => {
      listNamed(ses, name);
      ses.settings.lists.delete(name);
      await ses.save();
      return {};
    },
  ],
};

export const contactOperations: V2Operations = {
  ...listOperations,
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
