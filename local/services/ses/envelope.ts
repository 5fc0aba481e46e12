import { domainOf, foldAddress, type Mailbox, readMailbox } from "./address.ts";
import { arnOf, type Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { isSimulator } from "./outcomes.ts";
import type { ConfigurationSet, Identity } from "./state.ts";

/** Recipients of one message, To, Cc and Bcc together. */
const MOST_RECIPIENTS = 50;

/** Throws unless a message has between one and fifty recipients. */
export const checkRecipients = (recipients: readonly Mailbox[]): void => {
  if (recipients.length === 0) throw sesErrors.invalid("There are no recipients specified.");
  if (recipients.length > MOST_RECIPIENTS)
    throw sesErrors.invalid(`Recipient count exceeds ${MOST_RECIPIENTS}.`);
};

/** The verified identity that vouches for an address: itself, or a domain it lies in. A label (`a+label@b`) needs none of its own. */
export const identityFor = ({ settings }: Ses, address: string): Identity | undefined => {
  const folded = foldAddress(address);
  const domain = domainOf(address);
  const bare = `${folded.slice(0, folded.lastIndexOf("@")).replace(/\+.*$/s, "")}@${domain}`;
  const labels = domain.split(".");
  const names = [folded, bare, ...labels.map((_, i) => labels.slice(i).join("."))];
  return names.map((name) => settings.identities.get(name)).find((identity) => identity?.verified);
};

/** Checks senders, and in the sandbox recipients too; returns who vouches for the first sender. */
export const checkIdentities = (
  ses: Ses,
  senders: readonly Mailbox[],
  recipients: readonly Mailbox[],
): Identity => {
  const strangers = ses.settings.account.production
    ? []
    : recipients.filter(({ address }) => !isSimulator(address) && !identityFor(ses, address));
  const failed = [...senders.filter(({ address }) => !identityFor(ses, address)), ...strangers];
  const [first] = senders;
  const identity = first && identityFor(ses, first.address);
  if (failed.length === 0 && identity) return identity;
  const names = [...new Set(failed.map(({ text }) => text))].join(", ");
  throw sesErrors.rejected(
    `Email address is not verified. The following identities failed the check in region ${ses.cloud.graph.region.toUpperCase()}: ${names}`,
  );
};

/** The configuration set of a message: the one it names, or its sender's own. Throws when there is none of that name, or it is paused. */
export const setFor = (
  ses: Ses,
  named: string | undefined,
  identity: Identity,
): ConfigurationSet | undefined => {
  const name = named || identity.configurationSet;
  if (!name) return undefined;
  const set = ses.settings.sets.get(name);
  if (!set) throw sesErrors.noSet(name);
  if (!set.sending) throw sesErrors.setPaused(`Sending is paused for configuration set <${name}>.`);
  return set;
};

/** Throws while the account may send nothing. */
export const checkAccount = ({ settings }: Ses): void => {
  if (!settings.account.sending) throw sesErrors.accountPaused("Email sending is disabled for this account.");
};

/** A tag of a message, as callers name it. */
export interface MessageTag {
  readonly name: string;
  readonly value: string;
}

const MOST_TAGS = 50;
const MOST_TAG_CHARACTERS = 255;

/** Reads `[{ Name, Value }]`; throws in AWS's words. */
export const readTags = (list: unknown): MessageTag[] => {
  if (list === undefined || list === null || list === "") return [];
  if (!Array.isArray(list)) throw sesErrors.invalid("Tags must be a list.");
  if (list.length > MOST_TAGS)
    throw sesErrors.invalid(`The number of tags exceeds the limit of ${MOST_TAGS}.`);
  return list.map((tag: unknown) => {
    const { Name, Value } = (tag ?? {}) as Record<string, unknown>;
    return checkTag(typeof Name === "string" ? Name : "", typeof Value === "string" ? Value : "");
  });
};

const checkTag = (name: string, value: string): MessageTag => {
  if (name === "") throw sesErrors.invalid("The tag name must be specified.");
  if (value === "") throw sesErrors.invalid("The tag value must be specified.");
  if (name.length > MOST_TAG_CHARACTERS) throw sesErrors.invalid("Tag name cannot exceed 255 characters.");
  // Two names of SES's own are allowed, for the feedback header.
  if (!/^([\w-]+|ses:feedback-id-[ab])$/.test(name))
    throw sesErrors.invalid(
      `Invalid tag name <${name}>: only alphanumeric ASCII characters, '_',  '-' are allowed.`,
    );
  if (value.length > MOST_TAG_CHARACTERS) throw sesErrors.invalid("Tag value cannot exceed 255 characters.");
  if (!/^[\w.@-]+$/.test(value))
    throw sesErrors.invalid(
      `Invalid tag value <${value}>: only alphanumeric ASCII characters, '_',  '-' , '.', '@' are allowed.`,
    );
  return { name, value };
};

/** Reads `X-SES-MESSAGE-TAGS`: `a=1, b=2`. */
export const readTagHeader = (value: string | undefined): MessageTag[] =>
  (value ?? "")
    .split(",")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      return checkTag((at < 0 ? pair : pair.slice(0, at)).trim(), at < 0 ? "" : pair.slice(at + 1).trim());
    });

/** An id as SES gives one: where and when in hex, and something random. */
export const messageIdAt = (region: string, at: number, random: string): string =>
  `${REGIONS[region] ?? "0110"}${at.toString(16).padStart(12, "0")}-${random}-000000`;

const REGIONS: Readonly<Record<string, string>> = {
  "us-east-1": "0100",
  "us-west-2": "0101",
  "eu-west-1": "0102",
  "eu-central-1": "0107",
};

/** ARN of the identity that vouches. */
export const identityArn = (ses: Ses, { name }: Identity): string => arnOf(ses, `identity/${name}`);

/** Mailboxes of an optional sender. */
export const optionalMailbox = (text: unknown): Mailbox | undefined =>
  text === undefined || text === null || text === "" ? undefined : readMailbox(text);
