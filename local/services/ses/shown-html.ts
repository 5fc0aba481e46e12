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
