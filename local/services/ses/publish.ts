import { randomUUID } from "node:crypto";
import { arnOf, type Ses } from "./context.ts";
import { eventType } from "./graph-sets.ts";
import type { Mail, MailEvent } from "./mail.ts";
import { DETAIL_TYPE, eventRecord, notificationRecord } from "./records.ts";
import type { ConfigurationSet, Dimension, EventDestination, Feedback } from "./state.ts";

/** What a topic receives in place of a subject line of its own. */
export const SUBJECT = "Amazon SES Email Event Notification";

const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

const send = (ses: Ses, mail: Mail, targetArn: string, sourceArn: string, body: unknown): void =>
  ses.later({
    id: randomUUID(),
    kind: "publish",
    due: ses.cloud.clock.now(),
    targetArn,
    sourceArn,
    body: JSON.stringify(body),
    ...(mail.trace ? { trace: mail.trace } : {}),
  });

/** An event as the default bus is given it; the bus fills in id, account and region. */
const onBus = (setArn: string, event: MailEvent, detail: unknown) => ({
  source: "aws.ses",
  "detail-type": DETAIL_TYPE[event.type],
  time: isoSeconds(event.at),
  resources: [setArn],
  detail,
});

const dimensionValue = ({ name, source, fallback }: Dimension, mail: Mail, event: MailEvent): string => {
  const header = mail.headers.find((h) => h.name.toLowerCase() === name.toLowerCase())?.value;
  const linkTags = (event.record.linkTags ?? {}) as Record<string, string[]>;
  const found = /header/i.test(source)
    ? header
    : /link/i.test(source)
      ? linkTags[name]?.[0]
      : mail.tags[name]?.[0];
  return found ?? fallback;
};

const count = (ses: Ses, mail: Mail, event: MailEvent, dimensions: readonly Dimension[]): void =>
  ses.metric({
    namespace: "AWS/SES",
    name: event.type === "DeliveryDelay" ? "DeliveryDelay" : event.type.replace(" ", ""),
    dimensions: Object.fromEntries(dimensions.map((d) => [d.name, dimensionValue(d, mail, event)])),
    value: 1,
    at: event.at,
  });

const publish = (
  ses: Ses,
  set: ConfigurationSet,
  { topicArn, busArn, dimensions }: EventDestination,
  mail: Mail,
  event: MailEvent,
): void => {
  const setArn = arnOf(ses, `configuration-set/${set.name}`);
  const record = eventRecord(ses.cloud.graph, mail, event);
  if (topicArn) send(ses, mail, topicArn, setArn, record);
  if (busArn) send(ses, mail, busArn, setArn, onBus(setArn, event, record));
  if (dimensions) count(ses, mail, event, dimensions);
};

const FEEDBACK = new Set<string>(["Bounce", "Complaint", "Delivery"]);

const notify = (ses: Ses, mail: Mail, event: MailEvent): void => {
  if (!FEEDBACK.has(event.type)) return;
  const feedback = event.type as Feedback;
  const identity = ses.settings.identities.get(mail.sourceArn.split(":identity/").at(-1) ?? "");
  const topicArn = identity?.topics[feedback];
  if (!topicArn) return;
  const record = notificationRecord(ses.cloud.graph, mail, event, identity.headersIn[feedback] === true);
  send(ses, mail, topicArn, mail.sourceArn, record);
};

/** Notes what befell a message, and sends it wherever its configuration set and its sender's identity say. */
export const happen = (ses: Ses, mail: Mail, event: MailEvent): void => {
  ses.mailbox.note(mail, event);
  const set = ses.settings.sets.get(mail.configurationSet ?? "");
  const type = eventType(event.type === "DeliveryDelay" ? "DELIVERY_DELAY" : event.type.replace(" ", "_"));
  for (const destination of set?.destinations.values() ?? [])
    if (set && type && destination.enabled && destination.types.includes(type))
      publish(ses, set, destination, mail, event);
  notify(ses, mail, event);
  count(ses, mail, event, []);
  ses.statistics.count(event);
};
