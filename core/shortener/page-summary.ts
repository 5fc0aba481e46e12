import { Parser } from "htmlparser2";
import type { LinkPreview } from "./link.schema.ts";
import type { FetchedPage } from "./page-fetch.ts";

const MAX_TEXT = 300;
const MAX_IMAGE = 2_048;

/** Title, description and image of a page, as it states them for previews (Open Graph) or else for itself. */
export const summarise = (page: FetchedPage): LinkPreview => {
  const { title, meta } = readHead(decode(page));
  const heading = tidy(meta.get("og:title") ?? meta.get("twitter:title") ?? title);
  const description = tidy(meta.get("og:description") ?? meta.get("description") ?? "");
  const image = toImage(meta.get("og:image") ?? meta.get("twitter:image") ?? "", page.url);
  return {
    ...(heading !== "" && { title: heading }),
    ...(description !== "" && { description }),
    ...(image !== undefined && { image }),
  };
};

const MARKS = [
  ["efbbbf", "utf-8"],
  ["feff", "utf-16be"],
  ["fffe", "utf-16le"],
] as const;

// The HTML standard's order: byte order mark, Content-Type, <meta> within the first 1,024 bytes. Undeclared: UTF-8 if
// it is valid, else windows-1252.
const decode = ({ bytes, contentType }: FetchedPage): string => {
  const start = bytes.subarray(0, 1_024).toString("latin1");
  const mark = MARKS.find(([hex]) => bytes.toString("hex", 0, 3).startsWith(hex))?.[1];
  const declared = /charset\s*=\s*["']?([\w-]+)/i;
  const label = mark ?? declared.exec(contentType)?.[1] ?? declared.exec(start)?.[1];
  if (label !== undefined) return decoder(label).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }); // the page may be cut off
  } catch {
    return decoder("windows-1252").decode(bytes);
  }
};

const decoder = (label: string): TextDecoder => {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder("utf-8"); // a label nobody knows
  }
};

const readHead = (html: string) => {
  const meta = new Map<string, string>();
  let title = "";
  let inTitle = false;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === "title" && title === "") inTitle = true;
      if (name !== "meta") return;
      const key = (attributes.property ?? attributes.name ?? "").toLowerCase();
      if (key !== "" && attributes.content !== undefined && !meta.has(key)) meta.set(key, attributes.content);
    },
    ontext(text) {
      if (inTitle && title.length < MAX_TEXT * 4) title += text;
    },
    onclosetag(name) {
      if (name === "title") inTitle = false;
    },
  });
  parser.end(html);
  return { title, meta };
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F\u202A-\u202E\u2066-\u2069]/g;

const tidy = (text: string): string => {
  const clean = [...text.replace(CONTROL, "").replace(/\s+/g, " ").trim()];
  return clean.length <= MAX_TEXT ? clean.join("") : `${clean.slice(0, MAX_TEXT - 1).join("")}…`;
};

const toImage = (source: string, base: string): string | undefined => {
  const url = source.trim() === "" ? null : URL.parse(source.trim(), base);
  if (!url || !/^https?:$/.test(url.protocol) || url.href.length > MAX_IMAGE) return undefined;
  return url.href;
};
