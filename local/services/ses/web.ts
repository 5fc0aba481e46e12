import type { AwsRequest, AwsResponse } from "../../kit/cloud.ts";
import { xmlText } from "../../kit/query.ts";
import { unsubscribe } from "./contacts.ts";
import type { Ses } from "./context.ts";
import type { Mail } from "./mail.ts";
import { happen } from "./publish.ts";
import { readTicket, type Ticket, TRACKING_PATH } from "./tracking.ts";

// What links of a message lead to. Nobody signs these calls: the ticket in the address is what lets them in.

/** Whether a call is one of a reader of a message. */
export const isTracking = ({ path }: Pick<AwsRequest, "path">): boolean => path.startsWith(TRACKING_PATH);

/** A transparent picture of one point. */
const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

const page = (status: number, title: string, body: string): AwsResponse => ({
  status,
  headers: {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; form-action 'self'",
  },
  body: `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`,
});

const reader = (ses: Ses, { headers }: AwsRequest) => ({
  timestamp: new Date(ses.cloud.clock.now()).toISOString(),
  ipAddress: "127.0.0.1",
  userAgent: (headers["user-agent"] ?? "").slice(0, 500),
});

const opened = async (ses: Ses, request: AwsRequest, mail: Mail | undefined): Promise<AwsResponse> => {
  const at = ses.cloud.clock.now();
  if (mail)
    happen(ses, mail, { type: "Open", at, recipients: mail.destination, record: reader(ses, request) });
  return { status: 200, headers: { "content-type": "image/gif", "cache-control": "no-store" }, body: PIXEL };
};

const clicked = async (
  ses: Ses,
  request: AwsRequest,
  mail: Mail | undefined,
  { l: link = "", t: linkTags }: Ticket,
): Promise<AwsResponse> => {
  const record = { ...reader(ses, request), link, linkTags: linkTags ?? null };
  const at = ses.cloud.clock.now();
  if (mail) happen(ses, mail, { type: "Click", at, recipients: mail.destination, record });
  // The link may hold what no header takes.
  const location = URL.parse(link)?.href;
  if (!location) return page(404, "Not found", "<p>The link is not valid.</p>");
  return { status: 302, headers: { location, "cache-control": "no-store" }, body: "" };
};

// RFC 8058: a POST leaves the list, without asking; a GET changes nothing, for mail scanners follow links.
const left = async (
  ses: Ses,
  request: AwsRequest,
  mail: Mail | undefined,
  { r = "" }: Ticket,
): Promise<AwsResponse> => {
  if (!mail) return page(404, "Not found", "<p>The message is no longer kept.</p>");
  if (request.method !== "POST")
    return page(
      200,
      "Unsubscribe",
      `<p>Send ${xmlText(r)} no more of these messages?</p><form method="post"><button>Unsubscribe</button></form>`,
    );
  await unsubscribe(ses, mail, r);
  return page(200, "Unsubscribed", `<p>${xmlText(r)} will get no more of these messages.</p>`);
};

/** Answers a reader's call: the pixel, a link, or a way out. */
export const handleTracking = async (ses: Ses, request: AwsRequest): Promise<AwsResponse> => {
  const ticket = readTicket(ses.settings.secret, request.path.split("/").at(-1) ?? "");
  if (!ticket) return page(404, "Not found", "<p>There is no such link.</p>");
  const mail = ses.mailbox.mails.get(ticket.m);
  const answer =
    ticket.k === "o"
      ? opened(ses, request, mail)
      : ticket.k === "c"
        ? clicked(ses, request, mail, ticket)
        : left(ses, request, mail, ticket);
  const done = await answer;
  await ses.mailbox.committed();
  return mail ? { ...done, node: mail.sourceArn } : done;
};
