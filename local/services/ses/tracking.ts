import { createHmac, timingSafeEqual } from "node:crypto";
import { Parser } from "htmlparser2";

/** What a tracked address stands for. */
export interface Ticket {
  /** `o`pen, `c`lick, `u`nsubscribe. */
  readonly k: "o" | "c" | "u";
  /** Message. */
  readonly m: string;
  /** Link that was followed. */
  readonly l?: string;
  /** Tags of the link. */
  readonly t?: Readonly<Record<string, readonly string[]>>;
  /** Recipient, of an unsubscription. */
  readonly r?: string;
}

const sign = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("base64url").slice(0, 32);

/** Where tickets are honoured, under the AWS endpoint. */
export const TRACKING_PATH = "/_aws/ses/";

/** An address that only this cloud can have written: it leads nowhere that a message did not name. */
export const ticketUrl = (endpoint: string, secret: string, ticket: Ticket): string => {
  const text = Buffer.from(JSON.stringify(ticket)).toString("base64url");
  const names = { o: "open", c: "click", u: "unsubscribe" } as const;
  return `${endpoint}${TRACKING_PATH}${names[ticket.k]}/${text}.${sign(secret, text)}`;
};

/** Reads a ticket; undefined for one that this cloud did not write. */
export const readTicket = (secret: string, token: string): Ticket | undefined => {
  const [text = "", signature = ""] = token.split(".");
  const [given, right] = [Buffer.from(signature), Buffer.from(sign(secret, text))];
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  return JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Ticket;
};

/** What a message's HTML is to tell. */
export interface Tracks {
  readonly open: boolean;
  readonly click: boolean;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const ATTRIBUTE_ENTITIES: Record<string, string> = { "&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;" };
const quote = (value: string): string => `"${value.replace(/[&"<>]/g, (c) => ATTRIBUTE_ENTITIES[c] ?? c)}"`;

/** `ses:tags="a:1;b:2"` of a link. */
const linkTags = (text: string | undefined): Record<string, string[]> | undefined => {
  if (!text) return undefined;
  const pairs = text.split(";").flatMap((pair) => {
    const [name = "", value] = pair.split(":", 2).map((part) => part.trim());
    return name && value !== undefined ? [[name, [value]] as [string, string[]]] : [];
  });
  return Object.fromEntries(pairs);
};

const tagOf = (name: string, attributes: Readonly<Record<string, string>>): string =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}=${quote(value)}`)
    .join("")}>`;

/** Rewrites the links of a message's HTML and adds the pixel: both lead to this cloud, which tells and then leads on. */
export const track = (html: string, tracks: Tracks, url: (ticket: Omit<Ticket, "m">) => string): string => {
  const edits: Edit[] = [];
  let end = html.length;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (name !== "a" || !tracks.click) return;
        const { "ses:no-track": untracked, "ses:tags": tags, ...rest } = attributes;
        const own = untracked !== undefined || tags !== undefined;
        const web = /^https?:\/\//i.test(attributes.href ?? "") && untracked === undefined;
        if (!web && !own) return;
        const t = linkTags(tags);
        const href: Record<string, string> = web
          ? { href: url({ k: "c", l: attributes.href ?? "", ...(t ? { t } : {}) }) }
          : {};
        edits.push({
          from: parser.startIndex,
          to: parser.endIndex + 1,
          text: tagOf(name, { ...rest, ...href }),
        });
      },
      onclosetag(name, implied) {
        if (name === "body" && !implied) end = parser.startIndex;
      },
    },
    { lowerCaseAttributeNames: true, decodeEntities: true },
  );
  parser.end(html);
  let [text, at] = ["", 0];
  for (const edit of edits) {
    text += html.slice(at, edit.from) + edit.text;
    at = edit.to;
  }
  const pixel = tracks.open
    ? `<img alt="" src=${quote(url({ k: "o" }))} style="display: none; width: 1px; height: 1px;">`
    : "";
  return (
    placePixel(text + html.slice(at, Math.max(at, end)), pixel) +
    (pixelPlaced(html) ? "" : pixel) +
    html.slice(Math.max(at, end))
  );
};

/** A message may say where its pixel goes. */
const PLACE = "{{ses:openTracker}}";
const pixelPlaced = (html: string): boolean => html.includes(PLACE);
const placePixel = (text: string, pixel: string): string => text.replaceAll(PLACE, pixel);
