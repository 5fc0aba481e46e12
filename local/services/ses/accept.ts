import { randomUUID } from "node:crypto";
import type { AwsRequest } from "../../kit/cloud.ts";
import { type Mailbox, readMailbox, readMailboxes } from "./address.ts";
import { decodedHeader, eventHeaders } from "./compose.ts";
import { listUrl, planOf, readList } from "./contacts.ts";
import { type Content, isInfected, type Writing, type Written, write } from "./content.ts";
import type { Ses } from "./context.ts";
import {
  checkAccount,
  checkIdentities,
  checkRecipients,
  identityArn,
  type MessageTag,
  messageIdAt,
  optionalMailbox,
  setFor,
} from "./envelope.ts";
import { sesErrors } from "./errors.ts";
import type { Mail } from "./mail.ts";
import { happen } from "./publish.ts";
import { senderOf } from "./raw.ts";
import type { ConfigurationSet, Identity } from "./state.ts";
import { ticketUrl } from "./tracking.ts";

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

/** What a call learns of an accepted message. */
export interface Accepted {
  readonly messageId: string;
  /** ARN of the identity that sent. */
  readonly node: string;
}

interface Envelope {
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

const openEnvelope = (ses: Ses, outgoing: Outgoing): Envelope => {
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

const tracksOf = (set: ConfigurationSet | undefined) => {
  const types = [...(set?.destinations.values() ?? [])].filter((d) => d.enabled).flatMap((d) => d.types);
  return { open: types.includes("OPEN"), click: types.includes("CLICK") };
};

/** Who called, as tags tell it: the role of a function, or the developer. */
const callerName = ({ caller }: AwsRequest): string => caller?.roleArn?.split("/").at(-1) ?? "developer";

const tagsOf = (outgoing: Outgoing, envelope: Envelope, caller: string): Record<string, string[]> => {
  const own = Object.groupBy(envelope.tags, ({ name }) => name);
  return {
    "ses:operation": [outgoing.operation],
    ...(envelope.set ? { "ses:configuration-set": [envelope.set.name] } : {}),
    "ses:source-ip": ["127.0.0.1"],
    "ses:from-domain": [envelope.from.address.split("@").at(-1) ?? ""],
    "ses:caller-identity": [caller],
    ...Object.fromEntries(
      Object.entries(own).map(([name, tags]) => [name, (tags ?? []).map((t) => t.value)]),
    ),
  };
};

const commonOf = (
  id: string,
  raw: Buffer | undefined,
  { from, to, cc, replyTo }: Envelope,
): Mail["common"] => {
  const headers = raw ? eventHeaders(raw) : [];
  const subject = decodedHeader(headers, "subject");
  const texts = (boxes: readonly Mailbox[]) => boxes.map(({ text }) => text);
  return {
    from: [decodedHeader(headers, "from") ?? from.text],
    ...(to.length > 0 ? { to: texts(to) } : {}),
    ...(cc.length > 0 ? { cc: texts(cc) } : {}),
    ...(replyTo.length > 0 ? { replyTo: texts(replyTo) } : {}),
    messageId: id,
    ...(subject === undefined ? {} : { subject }),
  };
};

const mailOf = (
  ses: Ses,
  outgoing: Outgoing,
  envelope: Envelope,
  writing: Writing,
  written: Written,
  request: AwsRequest,
): Mail => {
  const { id, at } = writing;
  const raw = "raw" in written ? written.raw : undefined;
  const html = "raw" in written ? written.html : undefined;
  const link = /href\s*=\s*["']?(https?:\/\/[^"'\s>]+)/i.exec(html ?? "")?.[1]?.replaceAll("&amp;", "&");
  const trace = request.headers["x-amzn-trace-id"];
  const caller = callerName(request);
  const unrendered = [
    { name: "From", value: envelope.from.text },
    { name: "To", value: envelope.to.map(({ text }) => text).join(", ") },
  ];
  return {
    id,
    operation: outgoing.operation,
    at,
    source: envelope.from.text,
    sourceArn: identityArn(ses, envelope.identity),
    caller,
    destination: envelope.recipients.map(({ address }) => address),
    headers: raw ? eventHeaders(raw) : unrendered,
    common: commonOf(id, raw, envelope),
    ...(envelope.set ? { configurationSet: envelope.set.name } : {}),
    tags: tagsOf(outgoing, envelope, caller),
    size: raw?.length ?? 0,
    ...(outgoing.content.kind === "template" ? { template: outgoing.content.template } : {}),
    ...(outgoing.content.kind === "raw" ? { raw: true } : {}),
    ...(trace ? { trace } : {}),
    ...(envelope.list ? { list: envelope.list } : {}),
    tracks: writing.tracks,
    ...(link ? { link } : {}),
    events: [],
  };
};

const writingOf = (ses: Ses, { set, list, from, to, cc, replyTo, recipients }: Envelope): Writing => {
  const at = ses.cloud.clock.now();
  const id = messageIdAt(ses.cloud.graph.region, at, randomUUID());
  const { endpoint } = ses.cloud;
  const ticket: Writing["ticket"] = (of) => ticketUrl(endpoint, ses.settings.secret, { ...of, m: id });
  const url = list ? { unsubscribeUrl: listUrl(ticket, recipients) } : {};
  return { id, at, from, to, cc, replyTo, tracks: tracksOf(set), ticket, ...url };
};

// The first event of every message: SES means to send it. What it finds out then are events of their own.
const begin = (ses: Ses, mail: Mail, envelope: Envelope, written: Written): void => {
  const of = { at: mail.at, recipients: mail.destination };
  happen(ses, mail, { type: "Send", ...of, record: {} });
  if ("failure" in written) {
    const record = { errorMessage: written.failure, templateName: mail.template };
    happen(ses, mail, { type: "Rendering Failure", ...of, record });
    return;
  }
  if (isInfected(written.raw)) {
    happen(ses, mail, { type: "Reject", ...of, record: { reason: "Bad content" } });
    return;
  }
  for (const { address: recipient } of envelope.recipients)
    for (const [step, after] of planOf(ses, envelope.set, envelope.list, recipient))
      ses.later({ kind: "step", id: randomUUID(), due: mail.at + after, mailId: mail.id, step, recipient });
};

/** Accepts a message, or throws why SES would not. Resolves once it is kept, with everything that is to become of it. */
export const accept = async (ses: Ses, outgoing: Outgoing, request: AwsRequest): Promise<Accepted> => {
  checkAccount(ses);
  const envelope = openEnvelope(ses, outgoing);
  ses.quota.check();
  const writing = writingOf(ses, envelope);
  const written = await write(ses, outgoing.content, writing);
  const size = "raw" in written ? written.raw.length : 0;
  if (size > outgoing.mostBytes)
    throw sesErrors.invalid(`Message length is more than ${outgoing.mostBytes} bytes long: '${size}'.`);
  ses.quota.take(envelope.recipients.length);
  const mail = mailOf(ses, outgoing, envelope, writing, written, request);
  await ses.mailbox.add(mail, "raw" in written ? written.raw : Buffer.alloc(0));
  begin(ses, mail, envelope, written);
  await ses.mailbox.committed();
  return { messageId: mail.id, node: mail.sourceArn };
};
