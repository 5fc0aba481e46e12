import { listOf, mapOf, type QueryFields, type QueryValue, textOf } from "../../kit/query.ts";
import { accept } from "./accept.ts";
import { checkEntries, sendEach } from "./bulk.ts";
import { type Content, readData } from "./content.ts";
import type { Ses } from "./context.ts";
import { checkAccount, readTags } from "./envelope.ts";
import { sesErrors } from "./errors.ts";
import type { Outgoing } from "./outgoing.ts";
import { templateNamed } from "./templates.ts";
import type { V1Operations } from "./v1.ts";

/** 10 MB, for v1's messages. */
const MOST_BYTES = 10 * 1024 * 1024;

const fieldsOf = (value: QueryValue): QueryFields =>
  typeof value === "object" && !Array.isArray(value) ? (value as QueryFields) : {};

const required = (fields: QueryFields, name: string): string => {
  const text = textOf(fields, name);
  if (text) return text;
  throw sesErrors.invalid(
    `1 validation error detected: Value at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`,
  );
};

const common = (fields: QueryFields, operation: string) => {
  const set = textOf(fields, "ConfigurationSetName");
  return {
    operation,
    mostBytes: MOST_BYTES,
    from: textOf(fields, "Source"),
    replyTo: listOf(fields, "ReplyToAddresses"),
    returnPath: textOf(fields, "ReturnPath"),
    ...(set ? { configurationSet: set } : {}),
  };
};

const destination = (fields: QueryFields) => ({
  to: listOf(fields, "ToAddresses"),
  cc: listOf(fields, "CcAddresses"),
  bcc: listOf(fields, "BccAddresses"),
});

const simple = (message: QueryFields): Content => {
  const body = mapOf(message, "Body");
  const [html, text] = [textOf(mapOf(body, "Html"), "Data"), textOf(mapOf(body, "Text"), "Data")];
  if (html === undefined && text === undefined) throw sesErrors.invalid("Message body cannot be empty.");
  return {
    kind: "simple",
    subject: textOf(mapOf(message, "Subject"), "Data") ?? "",
    ...(html === undefined ? {} : { html }),
    ...(text === undefined ? {} : { text }),
    headers: [],
    attachments: [],
  };
};

const templated = (ses: Ses, fields: QueryFields, data: string): Content & { kind: "template" } => {
  const name = required(fields, "Template");
  readData(data);
  const parts = templateNamed(ses, name);
  return { kind: "template", template: name, parts, data, headers: [], attachments: [] };
};

const entryOf = (
  fields: QueryFields,
  content: Content & { kind: "template" },
  value: QueryValue,
): Outgoing => {
  const entry = fieldsOf(value);
  const own = readTags(listOf(entry, "ReplacementTags"));
  const names = new Set(own.map(({ name }) => name));
  const data = textOf(entry, "ReplacementTemplateData");
  const merged = data ? JSON.stringify({ ...readData(content.data), ...readData(data) }) : content.data;
  return {
    ...common(fields, "SendBulkTemplatedEmail"),
    ...destination(mapOf(entry, "Destination")),
    tags: [...readTags(listOf(fields, "DefaultTags")).filter(({ name }) => !names.has(name)), ...own],
    content: { ...content, data: merged },
  };
};

export const v1SendOperations: V1Operations = {
  SendEmail: async (ses, fields, request) => {
    const outgoing = {
      ...common(fields, "SendEmail"),
      ...destination(mapOf(fields, "Destination")),
      tags: readTags(listOf(fields, "Tags")),
      content: simple(mapOf(fields, "Message")),
    };
    const { messageId, node } = await accept(ses, outgoing, request);
    return { MessageId: messageId, node };
  },
  SendRawEmail: async (ses, fields, request) => {
    const data = Buffer.from(required(mapOf(fields, "RawMessage"), "Data"), "base64");
    const outgoing = {
      ...common(fields, "SendRawEmail"),
      to: listOf(fields, "Destinations"),
      tags: readTags(listOf(fields, "Tags")),
      content: { kind: "raw" as const, data },
    };
    const { messageId, node } = await accept(ses, outgoing, request);
    return { MessageId: messageId, node };
  },
  SendTemplatedEmail: async (ses, fields, request) => {
    const outgoing = {
      ...common(fields, "SendTemplatedEmail"),
      ...destination(mapOf(fields, "Destination")),
      tags: readTags(listOf(fields, "Tags")),
      content: templated(ses, fields, required(fields, "TemplateData")),
    };
    const { messageId, node } = await accept(ses, outgoing, request);
    return { MessageId: messageId, node };
  },
  SendBulkTemplatedEmail: async (ses, fields, request) => {
    checkAccount(ses);
    const entries = listOf(fields, "Destinations");
    checkEntries(entries);
    const content = templated(ses, fields, textOf(fields, "DefaultTemplateData") || "{}");
    const send = async (entry: unknown) =>
      accept(ses, entryOf(fields, content, entry as QueryValue), request);
    const { results, node } = await sendEach<Record<string, string>>(entries, send, {
      done: ({ messageId }) => ({ Status: "Success", MessageId: messageId }),
      failed: (error) => ({ Status: error.bulk[0], Error: error.message }),
    });
    return { Status: results, node };
  },
};
