import * as v from "valibot";

const Brief = v.object({
  id: v.string(),
  at: v.number(),
  from: v.string(),
  to: v.array(v.string()),
  subject: v.string(),
  configurationSet: v.optional(v.string()),
  template: v.optional(v.string()),
  size: v.number(),
  status: v.string(),
});
/** A line of the inbox. */
export type Brief = v.InferOutput<typeof Brief>;

/** The inbox, the newest first. */
export const Inbox = v.object({ messages: v.array(Brief) });

const MailEvent = v.object({
  type: v.string(),
  at: v.number(),
  recipients: v.array(v.string()),
  record: v.record(v.string(), v.unknown()),
});
/** What befell a message. */
export type MailEvent = v.InferOutput<typeof MailEvent>;

/** What befell a message, oldest first. */
export const Timeline = v.object({ events: v.array(MailEvent) });

const Header = v.object({ name: v.string(), value: v.string() });

/** A message as it was sent. */
export const Mail = v.object({
  id: v.string(),
  at: v.number(),
  operation: v.string(),
  source: v.string(),
  subject: v.string(),
  destination: v.array(v.string()),
  configurationSet: v.optional(v.string()),
  template: v.optional(v.string()),
  size: v.number(),
  tags: v.record(v.string(), v.array(v.string())),
  trace: v.optional(v.string()),
  tracks: v.object({ open: v.boolean(), click: v.boolean() }),
  allHeaders: v.optional(v.array(Header), []),
  html: v.optional(v.string()),
  links: v.optional(v.array(v.object({ text: v.string(), href: v.string() })), []),
  text: v.optional(v.string()),
  raw: v.string(),
  attachments: v.array(v.object({ name: v.string(), type: v.string() })),
});
/** A message as it was sent. */
export type Mail = v.InferOutput<typeof Mail>;

/** Addresses that get no more mail. */
export const Suppression = v.object({
  addresses: v.array(v.object({ address: v.string(), reason: v.string(), at: v.number() })),
});

/** Who may send, and how much. */
export const Senders = v.object({
  account: v.object({
    production: v.boolean(),
    sending: v.boolean(),
    rate: v.number(),
    quota: v.number(),
    sent24Hours: v.number(),
  }),
  identities: v.array(
    v.object({
      name: v.string(),
      type: v.string(),
      verified: v.boolean(),
      configurationSet: v.optional(v.string()),
    }),
  ),
  configurationSets: v.array(v.object({ name: v.string(), sending: v.boolean() })),
  templates: v.array(v.string()),
});
/** Who may send, and how much. */
export type Senders = v.InferOutput<typeof Senders>;

/** How a message's state is coloured. */
export const toneOf = (status: string): string => {
  if (["Bounce", "Complaint", "Reject", "Rendering Failure"].includes(status)) return "bad";
  if (status === "DeliveryDelay") return "ember";
  if (status === "Open" || status === "Click") return "accent";
  return status === "Delivery" ? "good" : "";
};

/** The part of an event worth a line: its texts and numbers, one level deep. */
export const told = ({ record }: MailEvent): string =>
  Object.entries(record)
    .filter(([name]) => name !== "timestamp")
    .flatMap(([name, value]) => {
      if (typeof value === "string" || typeof value === "number") return [`${name} ${value}`];
      return [];
    })
    .join(" · ");

const traceId = /1-[0-9a-f]{8}-[0-9a-f]{24}/;

/** The trace that a header names. */
export const traceOf = (header: string | undefined): string | undefined => traceId.exec(header ?? "")?.[0];
