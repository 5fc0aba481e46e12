import { listNamed } from "./contacts.ts";
import { sesErrors } from "./errors.ts";
import type { Topic } from "./state.ts";
import { listOf, objectOf, optionalText, requiredText, seconds, type V2Operations } from "./v2-call.ts";

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

export const listOperations: V2Operations = {
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
      list.updatedAt = ses.cloud.clock.now();
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
