import { type Mailbox, readMailbox, readMailboxes } from "./address.ts";
import { readList } from "./contacts.ts";
import type { Content } from "./content.ts";
import type { Ses } from "./context.ts";
import { checkIdentities, checkRecipients, type MessageTag, optionalMailbox, setFor } from "./envelope.ts";
import { sesErrors } from "./errors.ts";
import { senderOf } from "./raw.ts";
import type { ConfigurationSet, Identity } from "./state.ts";

/** A message as a call hands it over. */
export interface Outgoing {
  /** `SendEmail`, `SendRawEmail`, … */
  readonly operation: string;
  /** Bytes a message may have: v1 takes 10 MB, v2 40. */
  readonly mostBytes: number;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly cc?: unknown;
  readonly bcc?: unknown;
  readonly replyTo?: unknown;
  readonly returnPath?: unknown;
  readonly configurationSet?: string;
  readonly tags: readonly MessageTag[];
  readonly list?: { readonly name: string; readonly topic?: string };
  readonly content: Content;
}

/** An envelope that was read and found right. */
export interface Envelope {
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly recipients: readonly Mailbox[];
  readonly identity: Identity;
  readonly set?: ConfigurationSet;
  readonly tags: readonly MessageTag[];
  readonly list?: { readonly name: string; readonly topic?: string };
}

/** Reads who sends to whom, or throws why SES would not. */
export const openEnvelope = (ses: Ses, outgoing: Outgoing): Envelope => {
  const raw = outgoing.content.kind === "raw" ? senderOf(outgoing.content.data) : undefined;
  const [to, cc, bcc] = [outgoing.to, outgoing.cc, outgoing.bcc].map(readMailboxes) as [
    Mailbox[],
    Mailbox[],
    Mailbox[],
  ];
  const named = [...to, ...cc, ...bcc];
  if (raw && named.length === 0 && raw.recipients.length === 0)
    throw sesErrors.invalid("Missing required header 'To'.");
  const recipients = named.length > 0 || !raw ? named : raw.recipients;
  checkRecipients(recipients);
  const from = optionalMailbox(outgoing.from) ?? raw?.from ?? readMailbox(outgoing.from);
  const senders = [from, ...(raw?.senders ?? []), ...[optionalMailbox(outgoing.returnPath) ?? []].flat()];
  const identity = checkIdentities(ses, senders, recipients);
  const set = setFor(ses, outgoing.configurationSet ?? raw?.configurationSet, identity);
  const list = readList(ses, outgoing.list ?? raw?.list, recipients);
  const tags = [...outgoing.tags, ...(raw?.tags ?? [])];
  const replyTo = readMailboxes(outgoing.replyTo);
  return {
    from,
    to,
    cc,
    replyTo,
    recipients,
    identity,
    tags,
    ...(set ? { set } : {}),
    ...(list ? { list } : {}),
  };
};
