import { type Accepted, accept, type Outgoing } from "./accept.ts";
import { type Attachment, isRefusedFile } from "./compose.ts";
import { type Content, readData } from "./content.ts";
import type { Ses } from "./context.ts";
import { checkAccount, readTags } from "./envelope.ts";
import { SesError, sesErrors } from "./errors.ts";
import { checkAdded, type Header } from "./mime-headers.ts";
import { templateNamed } from "./templates.ts";
import { type Input, listOf, objectOf, optionalText, requiredText, type V2Operations } from "./v2-call.ts";

/** 40 MB, for v2's messages. */
const MOST_BYTES = 40 * 1024 * 1024;

/** Entries of one bulk call. */
const MOST_ENTRIES = 50;

const ENCODINGS = { BASE64: "base64", QUOTED_PRINTABLE: "quoted-printable", SEVEN_BIT: "7bit" } as const;

const attachmentOf = (value: unknown): Attachment => {
  const input = objectOf(value);
  const name = requiredText(input.FileName, "fileName");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would end the header
  if (name.length > 255 || /[\u0000-\u001f]/.test(name))
    throw sesErrors.invalid("The attachment's file name is not valid.");
  if (isRefusedFile(name)) throw sesErrors.invalid(`Unsupported attachment type: ${name}`);
  const [type, id, description] = [input.ContentType, input.ContentId, input.ContentDescription].map((v) => {
    const text = optionalText(v);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would end the header
    if (text !== undefined && /[\u0000-\u001f]/.test(text))
      throw sesErrors.invalid("The attachment is not valid.");
    return text;
  });
  const encoding = ENCODINGS[input.ContentTransferEncoding as keyof typeof ENCODINGS];
  return {
    name,
    content: Buffer.from(requiredText(input.RawContent, "rawContent"), "base64"),
    inline: input.ContentDisposition === "INLINE",
    ...(type ? { type } : {}),
    ...(id ? { id } : {}),
    ...(description ? { description } : {}),
    // Seven bits hold text alone: what is more is written so that it arrives.
    ...(encoding && encoding !== "7bit" ? { encoding } : {}),
  };
};

const attachmentsOf = (value: unknown): Attachment[] => {
  const attachments = listOf(value).map(attachmentOf);
  const ids = attachments.flatMap(({ id }) => id ?? []);
  if (new Set(ids).size < ids.length) throw sesErrors.invalid("Attachment content ids must be unique.");
  return attachments;
};

const dataOf = (value: unknown): string | undefined => {
  const data = objectOf(value).Data;
  return typeof data === "string" ? data : undefined;
};

const simple = (value: unknown): Content => {
  const input = objectOf(value);
  const body = objectOf(input.Body);
  const [html, text] = [dataOf(body.Html), dataOf(body.Text)];
  if (html === undefined && text === undefined) throw sesErrors.invalid("Message body cannot be empty.");
  return {
    kind: "simple",
    subject: dataOf(input.Subject) ?? "",
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
    headers: checkAdded(input.Headers),
    attachments: attachmentsOf(input.Attachments),
  };
};

const inline = (value: Input) => {
  const [subject, html, text] = [value.Subject, value.Html, value.Text].map(optionalText);
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
  };
};

const templated = (ses: Ses, value: unknown): Content & { kind: "template" } => {
  const input = objectOf(value);
  const stated = input.TemplateContent ? inline(objectOf(input.TemplateContent)) : undefined;
  // The ARN's last part is the name.
  const name = optionalText(input.TemplateName) ?? optionalText(input.TemplateArn)?.split("/").at(-1);
  if (!stated && !name) throw sesErrors.invalid("Template name, ARN or content must be specified.");
  const data = optionalText(input.TemplateData) ?? "{}";
  readData(data);
  return {
    kind: "template",
    template: stated ? "" : (name ?? ""),
    parts: stated ?? templateNamed(ses, name ?? ""),
    data,
    headers: checkAdded(input.Headers),
    attachments: attachmentsOf(input.Attachments),
  };
};

const contentOf = (ses: Ses, input: Input, from: string | undefined): Content => {
  const content = objectOf(input.Content);
  const kinds = ["Simple", "Raw", "Template"].filter((kind) => content[kind]);
  if (kinds.length !== 1)
    throw sesErrors.invalid("Exactly one of simple, raw or template content must be specified.");
  if (content.Raw) {
    const data = Buffer.from(requiredText(objectOf(content.Raw).Data, "content.raw.data"), "base64");
    return { kind: "raw", data };
  }
  if (content.Template && !from) throw sesErrors.invalid("Source cannot be empty");
  return content.Simple ? simple(content.Simple) : templated(ses, content.Template);
};

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

/** Sends one entry of a bulk call after the other; a refusal is that entry's own. */
export const sendEach = async <T>(
  entries: readonly unknown[],
  send: (entry: unknown) => Promise<Accepted>,
  told: { done: (accepted: Accepted) => T; failed: (error: SesError) => T },
): Promise<{ results: T[]; node?: string }> => {
  const results: T[] = [];
  let node: string | undefined;
  for (const entry of entries) {
    try {
      const accepted = await send(entry);
      node ??= accepted.node;
      results.push(told.done(accepted));
    } catch (error) {
      if (!(error instanceof SesError)) throw error;
      results.push(told.failed(error));
    }
  }
  return { results, ...(node ? { node } : {}) };
};

/** Throws unless a bulk call has between one and fifty entries. */
export const checkEntries = (entries: readonly unknown[]): void => {
  if (entries.length === 0) throw sesErrors.invalid("There are no destinations specified.");
  if (entries.length > MOST_ENTRIES)
    throw sesErrors.invalid(`The number of destinations exceeds the limit of ${MOST_ENTRIES}.`);
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
