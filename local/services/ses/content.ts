import type { Mailbox } from "./address.ts";
import { type Attachment, compose } from "./compose.ts";
import type { Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { type Header, headerOf, joinMessage, splitMessage } from "./mime-headers.ts";
import { render } from "./template.ts";
import { RenderingFailure } from "./template-nodes.ts";
import { type Ticket, type Tracks, track } from "./tracking.ts";

/** What a message says, as a call gives it. */
export type Content =
  | {
      readonly kind: "simple";
      readonly subject: string;
      readonly html?: string;
      readonly text?: string;
      readonly headers: readonly Header[];
      readonly attachments: readonly Attachment[];
    }
  | {
      readonly kind: "template";
      readonly template: string;
      readonly parts: { readonly subject?: string; readonly html?: string; readonly text?: string };
      /** JSON. */
      readonly data: string;
      readonly headers: readonly Header[];
      readonly attachments: readonly Attachment[];
    }
  | { readonly kind: "raw"; readonly data: Buffer };

/** What writing a message needs beside what it says. */
export interface Writing {
  readonly id: string;
  readonly at: number;
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly tracks: Tracks;
  /** Where a recipient leaves the list the message belongs to. */
  readonly unsubscribeUrl?: string;
  readonly ticket: (ticket: Omit<Ticket, "m">) => string;
}

/** A message as it goes out, or why it could not be rendered. */
export type Written =
  | { readonly raw: Buffer; readonly html?: string }
  | { readonly failure: string; readonly subject?: undefined };

const UNSUBSCRIBE = "{{amazonSESUnsubscribeUrl}}";

/** Characters of template data, and how deep it may nest: it is merged and written again. */
const MOST_DATA = 262_144;
const DEEPEST_DATA = 100;

const isTooDeep = (json: string): boolean => {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === "[" || token === "{") depth++;
    if (token === "]" || token === "}") depth--;
    if (depth > DEEPEST_DATA) return true;
  }
  return false;
};

/** Reads template data; throws what SES answers to what is no JSON object. */
export const readData = (data: string): Record<string, unknown> => {
  try {
    const value: unknown = data.length > MOST_DATA || isTooDeep(data) ? undefined : JSON.parse(data);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw sesErrors.invalid("The template data is invalid.");
};

/** Renders the parts of a template. */
export const renderParts = (
  parts: { readonly subject?: string; readonly html?: string; readonly text?: string },
  data: Record<string, unknown>,
) => {
  // Placeholders of SES's own stay for what fills them later.
  const all = { amazonSESUnsubscribeUrl: UNSUBSCRIBE, "ses:openTracker": "{{ses:openTracker}}", ...data };
  return {
    subject: render(parts.subject ?? "", all).replace(/[\r\n]+/g, " "),
    ...(parts.html === undefined ? {} : { html: render(parts.html, all) }),
    ...(parts.text === undefined ? {} : { text: render(parts.text, all) }),
  };
};

/** Headers by which a mail program leaves a list with one click: RFC 8058. */
const listHeaders = (url: string | undefined): Header[] =>
  url === undefined
    ? []
    : [
        { name: "List-Unsubscribe", value: `<${url}>` },
        { name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click" },
      ];

const writeParts = async (
  parts: { subject: string; html?: string; text?: string },
  content: { headers: readonly Header[]; attachments: readonly Attachment[] },
  writing: Writing,
  host: string,
): Promise<Written> => {
  const fill = (text: string) => text.replaceAll(UNSUBSCRIBE, writing.unsubscribeUrl ?? UNSUBSCRIBE);
  const html = parts.html === undefined ? undefined : track(fill(parts.html), writing.tracks, writing.ticket);
  const raw = await compose({
    ...writing,
    subject: parts.subject,
    ...(html === undefined ? {} : { html }),
    ...(parts.text === undefined ? {} : { text: fill(parts.text) }),
    headers: [...content.headers, ...listHeaders(writing.unsubscribeUrl)],
    attachments: content.attachments,
    messageId: `${writing.id}@${host}`,
  });
  return { raw, ...(parts.html === undefined ? {} : { html: fill(parts.html) }) };
};

/** What SES takes out of a raw message: its own instructions, and whom nobody shall see. */
const TAKEN = /^(x-ses-|bcc$|date$|message-id$|return-path$)/i;

const writeRaw = (data: Buffer, writing: Writing, host: string): Written => {
  const { headers, body } = splitMessage(data);
  const stamped: Header[] = [
    ...headers.filter(({ name }) => !TAKEN.test(name)),
    ...listHeaders(writing.unsubscribeUrl).filter(({ name }) => !headerOf(headers, name.toLowerCase())),
    { name: "Date", value: new Date(writing.at).toUTCString().replace("GMT", "+0000") },
    { name: "Message-ID", value: `<${writing.id}@${host}>` },
  ];
  return { raw: joinMessage({ headers: stamped, body }) };
};

/** The host of message ids. */
export const mailHost = ({ cloud }: Ses): string =>
  cloud.graph.region === "us-east-1" ? "email.amazonses.com" : `${cloud.graph.region}.amazonses.com`;

/** Writes a message. A template whose data is missing fails here, after the call was accepted, as in SES. */
export const write = async (ses: Ses, content: Content, writing: Writing): Promise<Written> => {
  const host = mailHost(ses);
  if (content.kind === "raw") return writeRaw(content.data, writing, host);
  if (content.kind === "simple") return writeParts(content, content, writing, host);
  const data = readData(content.data);
  try {
    return await writeParts(renderParts(content.parts, data), content, writing, host);
  } catch (error) {
    if (error instanceof RenderingFailure) return { failure: error.message };
    throw error;
  }
};

// The test file every scanner knows (https://www.eicar.org), in pieces so that none finds it here.
const EICAR = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");
/** As base64 writes it at the start of a file; the last characters hang on what follows. */
const EICAR_BASE64 = Buffer.from(EICAR).toString("base64").slice(0, 60);

/** Whether a message carries the test virus: SES accepts such a message, and rejects it at once. */
export const isInfected = (raw: Buffer): boolean => raw.includes(EICAR) || raw.includes(EICAR_BASE64);
