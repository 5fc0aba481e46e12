import { accept } from "./accept.ts";
import { checkEntries, sendEach } from "./bulk.ts";
import { type Content, readData } from "./content.ts";
import { checkAccount, readTags } from "./envelope.ts";
import { sesErrors } from "./errors.ts";
import { checkAdded, type Header } from "./mime-headers.ts";
import type { Outgoing } from "./outgoing.ts";
import { type Input, listOf, objectOf, optionalText, requiredText, type V2Operations } from "./v2-call.ts";
import { contentOf, templated } from "./v2-content.ts";

/** 40 MB, for v2's messages. */
const MOST_BYTES = 40 * 1024 * 1024;

const destination = (value: unknown) => {
  const { ToAddresses: to, CcAddresses: cc, BccAddresses: bcc } = objectOf(value);
  return { to, cc, bcc };
};

const listRef = (value: unknown): Outgoing["list"] => {
  if (!value) return undefined;
  const { ContactListName, TopicName } = objectOf(value);
  const topic = optionalText(TopicName);
  return {
    name: requiredText(ContactListName, "listManagementOptions.contactListName"),
    ...(topic ? { topic } : {}),
  };
};

const common = (input: Input, operation: string) => {
  const set = optionalText(input.ConfigurationSetName);
  return {
    operation,
    mostBytes: MOST_BYTES,
    from: input.FromEmailAddress,
    replyTo: input.ReplyToAddresses,
    returnPath: input.FeedbackForwardingEmailAddress,
    ...(set ? { configurationSet: set } : {}),
  };
};

const mergeData = (base: string, over: unknown): string => {
  const own = optionalText(over);
  return own === undefined ? base : JSON.stringify({ ...readData(base), ...readData(own) });
};

const mergeHeaders = (base: readonly Header[], over: unknown): Header[] => {
  const own = checkAdded(over);
  const replaced = new Set(own.map(({ name }) => name.toLowerCase()));
  return [...base.filter(({ name }) => !replaced.has(name.toLowerCase())), ...own];
};

const entryOf = (input: Input, content: Content & { kind: "template" }, value: unknown): Outgoing => {
  const entry = objectOf(value);
  const replacement = objectOf(objectOf(entry.ReplacementEmailContent).ReplacementTemplate);
  const own = readTags(entry.ReplacementTags);
  const names = new Set(own.map(({ name }) => name));
  return {
    ...common(input, "SendBulkEmail"),
    ...destination(entry.Destination),
    tags: [...readTags(input.DefaultEmailTags).filter(({ name }) => !names.has(name)), ...own],
    content: {
      ...content,
      data: mergeData(content.data, replacement.ReplacementTemplateData),
      headers: mergeHeaders(content.headers, entry.ReplacementHeaders),
    },
  };
};

export const sendOperations: V2Operations = {
  "POST outbound-emails": [
    "SendEmail",
    async (ses, { input, request }) => {
      const list = listRef(input.ListManagementOptions);
      const { messageId, node } = await accept(
        ses,
        {
          ...common(input, "SendEmail"),
          ...destination(input.Destination),
          tags: readTags(input.EmailTags),
          content: contentOf(ses, input, optionalText(input.FromEmailAddress)),
          ...(list ? { list } : {}),
        },
        request,
      );
      return { MessageId: messageId, node };
    },
  ],
  "POST outbound-bulk-emails": [
    "SendBulkEmail",
    async (ses, { input, request }) => {
      checkAccount(ses);
      const entries = listOf(input.BulkEmailEntries);
      checkEntries(entries);
      if (!optionalText(input.FromEmailAddress)) throw sesErrors.invalid("Source cannot be empty");
      const content = templated(ses, objectOf(input.DefaultContent).Template);
      const send = async (entry: unknown) => accept(ses, entryOf(input, content, entry), request);
      const { results, node } = await sendEach<Record<string, string>>(entries, send, {
        done: ({ messageId }) => ({ Status: "SUCCESS", MessageId: messageId }),
        failed: (error) => ({ Status: error.bulk[1], Error: error.message }),
      });
      return { BulkEmailEntryResults: results, node };
    },
  ],
};
