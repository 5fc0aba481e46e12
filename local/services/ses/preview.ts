import PostalMime from "postal-mime";
import type { Action, View } from "../../kit/cloud.ts";
import { neededText } from "../../kit/console-input.ts";
import { keepAs, ViewDocument } from "../../kit/view-document.ts";
import { foldAddress } from "./address.ts";
import type { Ses } from "./context.ts";
import { shownHtml } from "./shown-html.ts";
import { TRACKING_PATH } from "./tracking.ts";

/** Bytes of an inline picture that is written into the document. */
const MOST_INLINE = 2 * 1024 * 1024;

const parsed = async (ses: Ses, id: string) => {
  const [mail, raw] = [ses.mailbox.mails.get(id), await ses.mailbox.raw(id)];
  if (!mail || !raw) throw new Error("There is no such message, or it is no longer kept.");
  return { mail, message: await PostalMime.parse(raw, { attachmentEncoding: "base64" }) };
};

type Attachment = Awaited<ReturnType<typeof parsed>>["message"]["attachments"][number];

const base64 = ({ content }: Attachment): string => (typeof content === "string" ? content : "");

/** Pictures that the message brings along stand where it points at them by `cid:`. */
const withPictures = (html: string, attachments: readonly Attachment[]): string =>
  attachments.reduce((text, one) => {
    const id = one.contentId?.replace(/^<|>$/g, "");
    const type = /^image\/[\w.+-]+$/.exec(one.mimeType)?.[0];
    if (!id || !type || base64(one).length > MOST_INLINE) return text;
    return text.replaceAll(`cid:${id}`, `data:${type};base64,${base64(one)}`);
  }, html);

/**
 * What a message's HTML may do: be styled, and show pictures it brought along or that this machine serves. No script, no
 * form, nothing from elsewhere: whoever sent it does not learn that it was read, but by its own tracking here.
 */
const policyFor = (endpoint: string): string =>
  [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src data: ${endpoint} http://127.0.0.1:* http://localhost:*`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "sandbox",
  ].join("; ");

/** Looking at a message here is not opening it: its reader does that. */
const withoutPixel = (html: string, endpoint: string): string => {
  const [start = "", ...rest] = html.split(`${endpoint}${TRACKING_PATH}open/`);
  return start + rest.map((text) => `data:,${text.replace(/^[\w.-]+/, "")}`).join("");
};

const preview =
  (ses: Ses): View =>
  async (query) => {
    const { mail, message } = await parsed(ses, neededText(query, "id"));
    const html = withPictures(shownHtml(ses, mail, message.html ?? ""), message.attachments);
    return new ViewDocument(withoutPixel(html, ses.cloud.endpoint), {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policyFor(ses.cloud.endpoint),
    });
  };

const attachment =
  (ses: Ses): View =>
  async (query) => {
    const { message } = await parsed(ses, neededText(query, "id"));
    const found = message.attachments[Number(query.get("n") ?? 0)];
    if (!found) throw new Error("The message has no such attachment.");
    return new ViewDocument(Buffer.from(base64(found), "base64"), {
      "content-type": "application/octet-stream",
      "content-disposition": keepAs(found.filename ?? ""),
    });
  };

/** What became of a message: all that changes of it, for a page that follows it. */
const timeline =
  (ses: Ses): View =>
  (query) => {
    const mail = ses.mailbox.mails.get(neededText(query, "id"));
    if (!mail) throw new Error("There is no such message, or it is no longer kept.");
    return { events: mail.events };
  };

const unsuppress =
  (ses: Ses): Action =>
  async (input) => {
    const { suppressed } = ses.settings;
    const address = foldAddress(neededText(input, "address"));
    for (const key of suppressed.keys()) if (foldAddress(key) === address) suppressed.delete(key);
    await ses.save();
    return {};
  };

/** A message as its reader sees it. */
export const previewViews = (ses: Ses): Readonly<Record<string, View>> => ({
  preview: preview(ses),
  attachment: attachment(ses),
  timeline: timeline(ses),
});

/** What a person may do beside what `actions` holds. */
export const previewActions = (ses: Ses): Readonly<Record<string, Action>> => ({
  unsuppress: unsuppress(ses),
});
