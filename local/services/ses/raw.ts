import { type Mailbox, readMailbox, splitList } from "./address.ts";
import { type MessageTag, readTagHeader } from "./envelope.ts";
import { sesErrors } from "./errors.ts";
import { headerOf, splitMessage } from "./mime-headers.ts";

/** What the headers of a raw message ask of SES. */
export interface RawSender {
  readonly from: Mailbox;
  /** Further senders that must be verified: `Sender`, `Return-Path`. */
  readonly senders: readonly Mailbox[];
  readonly recipients: readonly Mailbox[];
  readonly configurationSet?: string;
  readonly tags: readonly MessageTag[];
  readonly list?: { readonly name: string; readonly topic?: string };
}

/** `X-SES-LIST-MANAGEMENT-OPTIONS`: `contactListName=a; topicName=b`, or `a; topic=b`. */
const listOf = (value: string | undefined) => {
  if (!value) return undefined;
  const [first = "", ...rest] = value.split(";").map((part) => part.trim());
  const topic = rest.map((part) => /^topic(?:Name)?=(.+)$/i.exec(part)?.[1]).find(Boolean);
  return { name: first.replace(/^contactListName=/i, ""), ...(topic ? { topic } : {}) };
};

/** Reads them; throws what SES answers to a message without a sender, or with headers it does not take. */
export const senderOf = (data: Buffer): RawSender => {
  const { headers } = splitMessage(data);
  const boxes = (name: string) => splitList(headerOf(headers, name) ?? "").map(readMailbox);
  const [from, ...others] = boxes("from");
  if (!from) throw sesErrors.invalid("Missing required header 'From'.");
  const set = headerOf(headers, "x-ses-configuration-set");
  const list = listOf(headerOf(headers, "x-ses-list-management-options"));
  return {
    from,
    senders: [from, ...others, ...boxes("sender"), ...boxes("return-path")],
    recipients: [...boxes("to"), ...boxes("cc"), ...boxes("bcc")],
    tags: readTagHeader(headerOf(headers, "x-ses-message-tags")),
    ...(set ? { configurationSet: set } : {}),
    ...(list ? { list } : {}),
  };
};
