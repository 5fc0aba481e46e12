import type { Graph } from "../../graph/graph.ts";
import type { Mail, MailEvent } from "./mail.ts";
import type { Header } from "./mime-headers.ts";

// Shapes: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html (events of a configuration
// set) and https://docs.aws.amazon.com/ses/latest/dg/notification-examples.html (feedback of an identity).

/** Where an event's own part stands. */
const PART: Readonly<Record<MailEvent["type"], string>> = {
  Send: "send",
  Reject: "reject",
  Bounce: "bounce",
  Complaint: "complaint",
  Delivery: "delivery",
  Open: "open",
  Click: "click",
  "Rendering Failure": "failure",
  DeliveryDelay: "deliveryDelay",
  Subscription: "subscription",
};

/** What EventBridge calls an event. */
export const DETAIL_TYPE: Readonly<Record<MailEvent["type"], string>> = {
  Send: "Email Sent",
  Reject: "Email Rejected",
  Bounce: "Email Bounced",
  Complaint: "Email Complaint Received",
  Delivery: "Email Delivered",
  Open: "Email Opened",
  Click: "Email Clicked",
  "Rendering Failure": "Email Rendering Failed",
  DeliveryDelay: "Email Delivery Delayed",
  Subscription: "Email Subscribed",
};

/** Headers beyond which an event tells only some. */
const HEADER_BYTES = 10 * 1024;

const headersOf = (headers: readonly Header[]) => {
  let bytes = 0;
  const told = headers.filter(({ name, value }) => {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    return bytes <= HEADER_BYTES;
  });
  return { headersTruncated: told.length < headers.length, headers: told };
};

const stamp = (ms: number): string => new Date(ms).toISOString();

// A template is rendered after its message was accepted: what rendering makes is not known before.
const isUnrendered = (mail: Mail, { type }: MailEvent): boolean =>
  mail.template !== undefined && type === "Send";

const unrenderedHeaders = (mail: Mail): Header[] => [
  ...mail.headers.filter(({ name }) => /^(from|to|cc|reply-to)$/i.test(name)),
  { name: "MIME-Version", value: "1.0" },
];

const envelope = (graph: Graph, mail: Mail) => ({
  timestamp: stamp(mail.at),
  source: mail.source,
  sourceArn: mail.sourceArn,
  sendingAccountId: graph.accountId,
  messageId: mail.id,
  destination: mail.destination,
});

const mailOf = (graph: Graph, mail: Mail, event: MailEvent) => {
  const { sourceArn, ...unrendered } = envelope(graph, mail);
  const tags =
    event.type === "Delivery" || event.type === "Complaint" ? { "ses:outgoing-ip": ["127.0.0.1"] } : {};
  const all = { ...mail.tags, ...tags };
  if (event.type === "Rendering Failure" || event.type === "DeliveryDelay")
    return { ...unrendered, sourceArn, headersTruncated: false, tags: all };
  if (!isUnrendered(mail, event))
    return { ...unrendered, sourceArn, ...headersOf(mail.headers), commonHeaders: mail.common, tags: all };
  const { subject: _, date: __, ...common } = mail.common;
  return { ...unrendered, ...headersOf(unrenderedHeaders(mail)), commonHeaders: common, tags: all };
};

/** An event as a configuration set publishes it. */
export const eventRecord = (graph: Graph, mail: Mail, event: MailEvent): Record<string, unknown> => {
  const { remoteMtaIp: _, ...part } = event.record;
  return { eventType: event.type, mail: mailOf(graph, mail, event), [PART[event.type]]: part };
};

/** An event as an identity's own topic is told: with or without the original headers, and never with tags. */
export const notificationRecord = (
  graph: Graph,
  mail: Mail,
  event: MailEvent,
  withHeaders: boolean,
): Record<string, unknown> => ({
  notificationType: event.type,
  [PART[event.type]]: event.record,
  mail: {
    ...envelope(graph, mail),
    sourceIp: "127.0.0.1",
    callerIdentity: mail.caller,
    ...(withHeaders ? { ...headersOf(mail.headers), commonHeaders: mail.common } : {}),
  },
});
