import { sesErrors } from "./errors.ts";

/** A mailbox as it stood in a request. */
export interface Mailbox {
  /** As given: `Sender Name <sender@example.com>`. */
  readonly text: string;
  /** Display name, unquoted; encoded words stay encoded. */
  readonly name?: string;
  readonly address: string;
}

/** RFC 5321: octets of a local part, and of a whole address. */
const LOCAL_OCTETS = 64;
const ADDRESS_OCTETS = 254;
/** Name and address together: no header's line is longer. */
const MOST_CHARACTERS = 998;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;
const NAMED = /^(?:"((?:[^"\\]|\\.)*)"|([^<>",;:@()[\]\\]*))\s*<([^<>]*)>$/;

const refuse = (why: string) => sesErrors.invalid(why);

// The words are those of the mail library behind SES, which callers see.
const checkLocal = (local: string): void => {
  if (local === "") throw refuse("Missing local name");
  if (/^".*"$/.test(local)) return;
  if (/\s/.test(local)) throw refuse("Local address contains control or whitespace");
  if (/[()<>,;:\\"[\]@]/.test(local)) throw refuse("Local address contains illegal character");
  if (local.startsWith(".")) throw refuse("Local address starts with dot");
  if (local.endsWith(".")) throw refuse("Local address ends with dot");
  if (local.includes("..")) throw refuse("Local address contains dot-dot");
  if (local.length > LOCAL_OCTETS) throw refuse("Local address is too long");
};

const checkDomain = (domain: string): void => {
  if (domain === "") throw refuse("Missing domain");
  if (/\s/.test(domain)) throw refuse("Domain contains control or whitespace");
  if (!/^[A-Za-z0-9.-]+$/.test(domain)) throw refuse("Domain contains illegal character");
  if (domain.startsWith(".")) throw refuse("Domain starts with dot");
  if (domain.endsWith(".")) throw refuse("Domain ends with dot");
  if (domain.includes("..")) throw refuse("Domain contains dot-dot");
};

/** Reads one mailbox; throws what SES answers to a bad one. Line breaks would inject headers: they are control characters here. */
export const readMailbox = (text: unknown): Mailbox => {
  if (typeof text !== "string" || text.trim() === "") throw refuse("Empty address");
  if (text.length > MOST_CHARACTERS) throw refuse("Address is too long");
  if (CONTROL.test(text)) throw refuse("Local address contains control or whitespace");
  // A display name must be written as encoded words, an international domain in Punycode.
  if (/[^ -~]/.test(text)) throw refuse("There are non-ASCII characters in the email address.");
  const trimmed = text.trim();
  const named = NAMED.exec(trimmed);
  if (!named && /[<>,]/.test(trimmed)) throw refuse("Illegal address");
  const address = (named ? (named[3] ?? "") : trimmed).trim();
  const at = address.lastIndexOf("@");
  if (at < 0) throw refuse("Missing final '@domain'");
  checkLocal(address.slice(0, at));
  checkDomain(address.slice(at + 1));
  if (address.length > ADDRESS_OCTETS) throw refuse("Address is too long");
  const name = (named?.[1]?.replace(/\\(.)/g, "$1") ?? named?.[2] ?? "").trim();
  return { text: trimmed, address, ...(name ? { name } : {}) };
};

/** Reads a list of mailboxes; anything but a list of texts is refused. */
export const readMailboxes = (list: unknown): Mailbox[] => {
  if (list === undefined || list === null || list === "") return [];
  if (!Array.isArray(list)) throw refuse("Addresses must be a list.");
  return list.map(readMailbox);
};

/** Splits a header's list of mailboxes at its commas, quotes and comments heeded. */
export const splitList = (value: string): string[] => {
  const parts: string[] = [];
  let [from, quoted, angle] = [0, false, false];
  for (let i = 0; i < value.length; i++) {
    const c = value[i];
    if (quoted && c === "\\") i++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === "<") angle = true;
    else if (!quoted && c === ">") angle = false;
    else if (!quoted && !angle && c === ",") {
      parts.push(value.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, value.slice(from)].map((part) => part.trim()).filter((part) => part !== "");
};

/** What follows the `@`, in lower case. */
export const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf("@") + 1).toLowerCase();

/** How an address is compared: SES folds the case of all of it in its suppression list. */
export const foldAddress = (address: string): string => address.toLowerCase();
