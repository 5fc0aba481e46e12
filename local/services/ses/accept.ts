import { randomUUID } from "node:crypto";
import type { AwsRequest } from "../../kit/cloud.ts";
import { listUrl, planOf } from "./contacts.ts";
import { isInfected, type Writing, type Written, write } from "./content.ts";
import type { Ses } from "./context.ts";
import { checkAccount, messageIdAt } from "./envelope.ts";
import { sesErrors } from "./errors.ts";
import type { Mail } from "./mail.ts";
import { type Envelope, type Outgoing, openEnvelope } from "./outgoing.ts";
import { happen } from "./publish.ts";
import { mailOf } from "./record-mail.ts";
import type { ConfigurationSet } from "./state.ts";
import { ticketUrl } from "./tracking.ts";

/** What a call learns of an accepted message. */
export interface Accepted {
  readonly messageId: string;
  /** ARN of the identity that sent. */
  readonly node: string;
}

const tracksOf = (set: ConfigurationSet | undefined) => {
  const types = [...(set?.destinations.values() ?? [])].filter((d) => d.enabled).flatMap((d) => d.types);
  return { open: types.includes("OPEN"), click: types.includes("CLICK") };
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
