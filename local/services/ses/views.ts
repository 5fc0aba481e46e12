import PostalMime, { decodeWords } from "postal-mime";
import type { Action, View } from "../../kit/cloud.ts";
import { foldAddress } from "./address.ts";
import type { Ses } from "./context.ts";
import { take } from "./journey.ts";
import type { Mail, StepName } from "./mail.ts";
import { linksOf, shownHtml } from "./shown-html.ts";
import type { Identity } from "./state.ts";

/** Messages a page of the inbox shows at most. */
const MOST_SHOWN = 500;
/** Bytes of a message that the console is given as text. */
const MOST_TEXT = 2 * 1024 * 1024;

const named = (ses: Ses, id: unknown): Mail => {
  const mail = ses.mailbox.mails.get(String(id));
  if (!mail) throw new Error("There is no such message, or it is no longer kept.");
  return mail;
};

const brief = ({ id, at, source, destination, common, configurationSet, size, events, template }: Mail) => ({
  id,
  at,
  from: source,
  to: destination,
  subject: common.subject ?? "",
  configurationSet,
  template,
  size,
  status: events.at(-1)?.type ?? "Send",
});

const messages =
  (ses: Ses): View =>
  (query) => {
    const to = query.get("to");
    const after = Number(query.get("after") ?? 0);
    const wanted = [...ses.mailbox.mails.values()].filter(
      (mail) => mail.at > after && (!to || mail.destination.some((d) => foldAddress(d) === foldAddress(to))),
    );
    return { messages: wanted.slice(-MOST_SHOWN).reverse().map(brief) };
  };

const htmlOf = (ses: Ses, mail: Mail, given: string | undefined) => {
  if (!given) return {};
  const html = shownHtml(ses, mail, given);
  return { html, links: linksOf(html) };
};

const message =
  (ses: Ses): View =>
  async (query) => {
    const mail = named(ses, query.get("id"));
    const raw = await ses.mailbox.raw(mail.id);
    const { trace, link: _, tracks, ...told } = mail;
    const base = { ...told, tracks, subject: mail.common.subject ?? "", ...(trace ? { trace } : {}) };
    if (!raw) return { ...base, raw: "", attachments: [] };
    const text = raw.subarray(0, MOST_TEXT).toString("utf8");
    try {
      const parsed = await PostalMime.parse(raw, { attachmentEncoding: "base64" });
      return {
        ...base,
        allHeaders: parsed.headers.map(({ originalKey, value }) => ({
          name: originalKey,
          value: decodeWords(value),
        })),
        ...htmlOf(ses, mail, parsed.html),
        ...(parsed.text ? { text: parsed.text } : {}),
        attachments: parsed.attachments.map((a) => ({
          name: a.filename ?? "",
          type: a.mimeType,
          contentId: a.contentId,
          inline: a.disposition === "inline",
          content: a.content,
        })),
        raw: text,
      };
    } catch (error) {
      return { ...base, attachments: [], raw: text, unreadable: String(error) };
    }
  };

const identityView = ({ name, type, verified, configurationSet, topics }: Identity) => ({
  name,
  type,
  verified,
  configurationSet,
  topics,
});

/** What the console reads of SES. */
export const views = (ses: Ses): Readonly<Record<string, View>> => ({
  messages: messages(ses),
  message: message(ses),
  suppression: () => ({ addresses: [...ses.settings.suppressed.values()] }),
  identities: () => ({
    account: { ...ses.settings.account, sent24Hours: ses.quota.sent24Hours() },
    identities: [...ses.settings.identities.values()].map(identityView),
    configurationSets: [...ses.settings.sets.values()].map((set) => ({
      ...set,
      destinations: [...set.destinations.values()],
    })),
    templates: [...ses.settings.templates.keys()],
  }),
});

const STEPS: Readonly<Record<string, StepName>> = {
  Delivery: "deliver",
  Bounce: "bounce",
  SoftBounce: "softBounce",
  Complaint: "complain",
  DeliveryDelay: "delay",
  Open: "open",
  Click: "click",
};

const event =
  (ses: Ses): Action =>
  async ({ id, type, recipient }) => {
    const mail = named(ses, id);
    const step = Object.hasOwn(STEPS, String(type)) ? STEPS[String(type)] : undefined;
    if (!step) throw new Error(`An event is one of ${Object.keys(STEPS).join(", ")}.`);
    const address =
      recipient === undefined ? mail.destination[0] : mail.destination.find((d) => d === recipient);
    if (!address) throw new Error("The message has no such recipient.");
    if ((step === "open" && !mail.tracks.open) || (step === "click" && !mail.tracks.click))
      throw new Error("The message's configuration set does not track this.");
    await take(ses, mail, step, address);
    await ses.mailbox.committed();
    return { events: mail.events };
  };

const account =
  (ses: Ses): Action =>
  async ({ sandbox, sending, rate, quota }) => {
    const { account: own } = ses.settings;
    if (typeof sandbox === "boolean") own.production = !sandbox;
    if (typeof sending === "boolean") own.sending = sending;
    for (const [name, value] of [
      ["rate", rate],
      ["quota", quota],
    ] as const)
      if (typeof value === "number" && Number.isFinite(value) && value >= -1) own[name] = value;
    await ses.save();
    return own;
  };

/** What a person may do to SES at the console. */
export const actions = (ses: Ses): Readonly<Record<string, Action>> => ({
  event: event(ses),
  account: account(ses),
  clear: async () => {
    ses.mailbox.clear();
    await ses.mailbox.committed();
    return {};
  },
});
