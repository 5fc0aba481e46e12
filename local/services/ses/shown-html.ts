import { Parser } from "htmlparser2";
import type { Ses } from "./context.ts";
import type { Mail } from "./mail.ts";
import { ticketUrl, track } from "./tracking.ts";

/** A message's HTML with its tracking. A raw message keeps the bytes its sender wrote: what its reader would see is written here. */
export const shownHtml = (ses: Ses, mail: Mail, html: string): string => {
  if (!mail.raw) return html;
  const url = (k: "u") =>
    ticketUrl(ses.cloud.endpoint, ses.settings.secret, { k, m: mail.id, r: mail.destination[0] ?? "" });
  const filled = mail.list ? html.replaceAll("{{amazonSESUnsubscribeUrl}}", url("u")) : html;
  return track(filled, mail.tracks, (ticket) =>
    ticketUrl(ses.cloud.endpoint, ses.settings.secret, { ...ticket, m: mail.id }),
  );
};

/** Where a message's HTML leads, for who reads it in a frame that leads nowhere. */
export const linksOf = (html: string): readonly { readonly text: string; readonly href: string }[] => {
  const links: { text: string; href: string }[] = [];
  let open: { text: string; href: string } | undefined;
  const parser = new Parser({
    onopentag(name, { href = "" }) {
      if (name !== "a" || !/^https?:\/\//i.test(href)) return;
      open = { text: "", href };
      links.push(open);
    },
    ontext(text) {
      if (open) open.text += text;
    },
    onclosetag(name) {
      if (name === "a") open = undefined;
    },
  });
  parser.end(html);
  return links.map(({ text, href }) => ({ text: text.replace(/\s+/g, " ").trim() || href, href }));
};
