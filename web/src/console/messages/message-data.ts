import * as v from "valibot";

const Sent = v.object({
  id: v.number(),
  at: v.number(),
  kind: v.picklist(["sms", "push", "email", "http"]),
  to: v.string(),
  status: v.picklist(["sent", "failed"]),
  reason: v.optional(v.string()),
  messageId: v.string(),
  topicArn: v.optional(v.string()),
  subject: v.optional(v.string()),
  body: v.string(),
  detail: v.optional(v.record(v.string(), v.unknown()), {}),
});
/** Something that left for a phone, a device, a mailbox or a URL. */
export type Sent = v.InferOutput<typeof Sent>;

/** What left, oldest first. */
export const Outbox = v.array(Sent);

const Subscription = v.object({
  arn: v.string(),
  protocol: v.string(),
  endpoint: v.string(),
  pending: v.boolean(),
  filter: v.optional(v.string()),
  scope: v.optional(v.string()),
});
/** Who hears of a topic. */
export type Subscription = v.InferOutput<typeof Subscription>;

const Topic = v.object({
  arn: v.string(),
  name: v.string(),
  fifo: v.boolean(),
  waiting: v.number(),
  subscriptions: v.array(Subscription),
});
/** A topic. */
export type Topic = v.InferOutput<typeof Topic>;

/** Every topic. */
export const Topics = v.array(Topic);

const Device = v.object({
  arn: v.string(),
  platformArn: v.string(),
  token: v.optional(v.string(), ""),
  enabled: v.boolean(),
  customUserData: v.optional(v.string()),
});
/** A device that pushes reach. */
export type Device = v.InferOutput<typeof Device>;

/** Every device. */
export const Devices = v.array(Device);

/** What a phone would show of a push. */
export interface Notification {
  readonly title?: string;
  readonly body: string;
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

/**
 * What a phone would show of a payload: FCM's `notification` (v1 within `fcmV1Message.message`), Apple's `aps.alert` (a text, or
 * title and body), Amazon's `data.message`; undefined for one that shows nothing by itself, such as FCM's `data` alone.
 */
export const shownOn = (body: string): Notification | undefined => {
  const payload = parse(body);
  if (payload === undefined) return text(body) ? { body } : undefined;
  const alert = member(member(payload, "aps"), "alert");
  const wrapped = member(member(payload, "fcmV1Message"), "message");
  const own = member(wrapped, "notification") ?? member(payload, "notification") ?? alert;
  if (text(own)) return { body: String(own) };
  const [title, said] = [text(member(own, "title")), text(member(own, "body"))];
  if (title !== undefined || said !== undefined)
    return { ...(title !== undefined && { title }), body: said ?? "" };
  const amazon = text(member(member(payload, "data"), "message"));
  return amazon === undefined ? undefined : { body: amazon };
};

/** JSON as people read it; anything else as it stands. */
export const pretty = (body: string): string => {
  const value = parse(body);
  return typeof value === "object" && value !== null ? JSON.stringify(value, null, 2) : body;
};
