import MailComposer from "nodemailer/lib/mail-composer";
import { decodeWords } from "postal-mime";
import type { Mailbox } from "./address.ts";
import { sesErrors } from "./errors.ts";
import { type Header, headerOf, splitMessage } from "./mime-headers.ts";

/** A file of a message that SES composes. */
export interface Attachment {
  readonly name: string;
  readonly content: Buffer;
  readonly type?: string;
  readonly inline: boolean;
  readonly id?: string;
  readonly description?: string;
  readonly encoding?: "base64" | "quoted-printable" | "7bit";
}

/** What a message that SES composes is made of. */
export interface Parts {
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly subject: string;
  readonly html?: string;
  readonly text?: string;
  readonly headers: readonly Header[];
  readonly attachments: readonly Attachment[];
  /** Epoch ms. */
  readonly at: number;
  readonly messageId: string;
}

// Source: https://docs.aws.amazon.com/ses/latest/dg/mime-types.html
const REFUSED = new Set(
  (
    "ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib lnk " +
    "mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 mshxml msh1xml msh2xml msi " +
    "msp mst ops pcd pif plg prf prg reg scf scr sct shb shs sys ps1 ps1xml ps2 ps2xml psc1 psc2 tmp url vb vbe vbs vps " +
    "vsmacros vss vst vsw vxd ws wsc wsf wsh xnk"
  ).split(" "),
);

/** Whether SES takes no attachment of this name. */
export const isRefusedFile = (name: string): boolean =>
  REFUSED.has(name.slice(name.lastIndexOf(".") + 1).toLowerCase());

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const BREAKS = /[\u0000\r\n]/;

/** Refuses what would end a header's line and start another. */
export const checkSubject = (subject: string): string => {
  if (BREAKS.test(subject)) throw sesErrors.invalid("Subject contains control characters.");
  return subject;
};

const box = ({ name = "", address }: Mailbox) => ({ name: decodeWords(name), address });

const file = (attachment: Attachment) => ({
  filename: attachment.name,
  content: attachment.content,
  contentDisposition: attachment.inline ? "inline" : "attachment",
  ...(attachment.type ? { contentType: attachment.type } : {}),
  ...(attachment.id ? { cid: attachment.id } : {}),
  ...(attachment.encoding ? { contentTransferEncoding: attachment.encoding } : {}),
  ...(attachment.description ? { headers: { "Content-Description": attachment.description } } : {}),
});

/** Writes the MIME message of some parts. Bcc is not among its headers. */
export const compose = async (parts: Parts): Promise<Buffer> => {
  const composer = new MailComposer({
    from: box(parts.from),
    to: parts.to.map(box),
    cc: parts.cc.map(box),
    replyTo: parts.replyTo.map(box),
    subject: checkSubject(parts.subject),
    ...(parts.text === undefined ? {} : { text: parts.text }),
    ...(parts.html === undefined ? {} : { html: parts.html }),
    headers: parts.headers.map(({ name, value }) => ({ key: name, value })),
    attachments: parts.attachments.map(file),
    date: new Date(parts.at),
    messageId: `<${parts.messageId}>`,
    // Content is given, never fetched: a template must not read this machine's files.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
};

/** The headers of a message as an event tells them: in SES's order, without what SES adds later. */
export const eventHeaders = (raw: Buffer): Header[] => {
  const { headers } = splitMessage(raw);
  const first = ["from", "reply-to", "to", "cc", "subject", "mime-version", "content-type"];
  const named = first.flatMap((name) => headers.filter((header) => header.name.toLowerCase() === name));
  const rest = headers.filter(({ name }) => !first.includes(name.toLowerCase()) && !ADDED.test(name));
  return [...named, ...rest];
};

const ADDED = /^(date|message-id|bcc|feedback-id|x-ses-outgoing|return-path)$/i;

/** A header's text with its encoded words read. */
export const decodedHeader = (headers: readonly Header[], name: string): string | undefined => {
  const value = headerOf(headers, name);
  return value === undefined ? undefined : decodeWords(value);
};
