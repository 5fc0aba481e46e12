import { sesErrors } from "./errors.ts";

/** One header, unfolded. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/** A raw message in two: what its headers say, and the untouched rest. */
export interface Split {
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

// Source: https://docs.aws.amazon.com/ses/latest/dg/header-fields.html
const ONCE = new Set(
  (
    "accept-language acceptlanguage archived-at auto-submitted bounces-to comments content-alternative content-base " +
    "content-class content-description content-disposition content-duration content-id content-language content-length " +
    "content-location content-md5 content-transfer-encoding content-type date delivered-to " +
    "disposition-notification-options disposition-notification-to dkim-signature domainkey-signature errors-to from " +
    "importance in-reply-to keywords list-archive list-help list-id list-owner list-post list-subscribe " +
    "list-unsubscribe list-unsubscribe-post message-context message-id mime-version organization original-from " +
    "original-message-id original-recipient original-subject precedence priority references reply-to return-path " +
    "return-receipt-to sender solicitation sensitivity subject thread-index thread-topic user-agent vbr-info"
  ).split(" "),
);

/** Header block of a message: no mail program writes a thousandth of it. */
const MOST_HEADER_BYTES = 256 * 1024;

const endOfHeaders = (raw: Buffer): { head: number; body: number } => {
  for (let at = 0; at < raw.length; ) {
    const end = raw.indexOf(10, at);
    if (end < 0) return { head: raw.length, body: raw.length };
    const blank = end === at || (end === at + 1 && raw[at] === 13);
    if (blank) return { head: at, body: end + 1 };
    at = end + 1;
  }
  return { head: raw.length, body: raw.length };
};

const parseLine = (line: string): Header => {
  const colon = line.indexOf(":");
  const name = colon < 0 ? "" : line.slice(0, colon).trimEnd();
  if (name === "") throw sesErrors.invalid("Empty header names are illegal.");
  if (!/^[!-9;-~]{1,126}$/.test(name)) throw sesErrors.invalid(`Invalid header name '${name.slice(0, 80)}'.`);
  return { name, value: line.slice(colon + 1).trim() };
};

/** Splits a raw message; throws what SES answers to headers it does not take. */
export const splitMessage = (raw: Buffer): Split => {
  const { head, body } = endOfHeaders(raw);
  if (head > MOST_HEADER_BYTES) throw sesErrors.invalid("The message's headers are too long.");
  const text = raw.subarray(0, head).toString("utf8");
  if (text.includes("\0")) throw sesErrors.invalid("The message's headers contain an illegal character.");
  // A line that starts with white space continues the one before.
  const lines = text
    .replace(/\r?\n[ \t]+/g, " ")
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== "");
  const headers = lines.map(parseLine);
  checkOnce(headers);
  return { headers, body: raw.subarray(body) };
};

const checkOnce = (headers: readonly Header[]): void => {
  const seen = new Set<string>();
  for (const { name } of headers) {
    const key = name.toLowerCase();
    if (ONCE.has(key) && seen.has(key)) throw sesErrors.invalid(`Duplicate header '${name}'.`);
    seen.add(key);
  }
};

/** A header's value; undefined when it is not there. */
export const headerOf = (headers: readonly Header[], name: string): string | undefined =>
  headers.find((header) => header.name.toLowerCase() === name)?.value;

/** Words of a value, each line no longer than 78 characters where a space allows it. */
const fold = ({ name, value }: Header): string => {
  let [line, text] = [`${name}:`, ""];
  for (const word of value.split(" ")) {
    if (line.length + word.length + 1 > 78 && line !== `${name}:`) {
      text += `${line}\r\n`;
      line = "";
    }
    line += ` ${word}`;
  }
  return text + line;
};

/** Puts a message together again. */
export const joinMessage = ({ headers, body }: Split): Buffer =>
  Buffer.concat([Buffer.from(`${headers.map(fold).join("\r\n")}\r\n\r\n`), body]);

/** Headers a caller may add to a message that SES composes: v2's `MessageHeader`. */
export const checkAdded = (headers: unknown): Header[] => {
  if (headers === undefined || headers === null) return [];
  if (!Array.isArray(headers)) throw sesErrors.invalid("Headers must be a list.");
  if (headers.length > MOST_ADDED)
    throw sesErrors.invalid(`The number of headers exceeds the limit of ${MOST_ADDED}.`);
  const checked = headers.map((header: unknown, i): Header => {
    const { Name, Value } = (header ?? {}) as Record<string, unknown>;
    constraint(Name, /^[!-9;-~]{1,126}$/, `headers.${i + 1}.member.name`, "^[!-9;-@A-~]+$");
    constraint(Value, /^[ -~]{1,870}$/, `headers.${i + 1}.member.value`, "[ -~]*");
    if (COMPOSED.has(String(Name).toLowerCase())) throw sesErrors.invalid(`Duplicate header '${Name}'.`);
    return { name: String(Name), value: String(Value) };
  });
  checkOnce(checked);
  return checked;
};

const MOST_ADDED = 15;

/** What SES writes itself from other parameters. */
const COMPOSED = new Set(
  "from to cc bcc reply-to subject date message-id mime-version content-type content-transfer-encoding sender return-path".split(
    " ",
  ),
);

const constraint = (value: unknown, form: RegExp, at: string, pattern: string): void => {
  if (typeof value === "string" && form.test(value)) return;
  throw sesErrors.invalid(
    `1 validation error detected: Value at '${at}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`,
  );
};
