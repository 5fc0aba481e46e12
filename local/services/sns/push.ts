import type { Clock } from "../../kit/clock.ts";
import { isJson } from "../../kit/json.ts";
import type { Outcome } from "./http.ts";
import type { Endpoint, Message, Platform } from "./model.ts";
import type { Outbox } from "./outbox.ts";
import type { Registry } from "./registry.ts";

/** Sends mobile pushes, into the outbox. */
export interface Pushes {
  send(endpointArn: string, message: Message): Outcome;
}

/** Tells a platform application's topics what became of its endpoints. */
export type Announce = (
  platform: Platform,
  event: "EventEndpointCreated" | "EventEndpointDeleted" | "EventEndpointUpdated" | "EventDeliveryFailure",
  fields: Readonly<Record<string, unknown>>,
) => void;

// Source: Amazon SNS quotas and each platform's own limit, bytes of the payload.
const LIMITS: Readonly<Record<string, number>> = { ADM: 6_144, APNS_VOIP: 5_120, APNS_VOIP_SANDBOX: 5_120 };
const LIMIT = 4_096;

/**
 * A token that its platform does not know: one that begins with `invalid` or, for platforms whose tokens are hexadecimal,
 * with `deadbeef`. Real platforms answer so once an app is gone from a device.
 */
export const isStale = (token: string): boolean => /^(invalid|deadbeef)/i.test(token);

/** The JSON a platform gets: what the message says for it, or its plain text wrapped as SNS wraps it. */
export const payloadFor = (kind: string, message: Message): string => {
  const own = message.texts?.[kind];
  if (own !== undefined) return own;
  const text = message.text;
  if (kind.startsWith("APNS") || kind.startsWith("MACOS")) return JSON.stringify({ aps: { alert: text } });
  if (kind === "GCM") return JSON.stringify({ data: { default: text } });
  return kind === "ADM" ? JSON.stringify({ data: { message: text } }) : text;
};

const PAYLOAD_IS_JSON = /^(APNS|MACOS|GCM|ADM)/;

const refusal = (
  platform: Platform,
  endpoint: Endpoint,
  payload: string,
): [type: string, why: string] | undefined => {
  if (endpoint.attributes.Enabled === "false") return ["EndpointDisabled", "Endpoint is disabled"];
  if (isStale(endpoint.attributes.Token ?? ""))
    return ["InvalidPlatformToken", "Platform token associated with the endpoint is not valid"];
  if (PAYLOAD_IS_JSON.test(platform.kind) && !isJson(payload))
    return ["InvalidNotification", "Notification is malformed: its payload is not JSON"];
  const limit = LIMITS[platform.kind] ?? LIMIT;
  if (Buffer.byteLength(payload) > limit)
    return ["InvalidNotification", `Notification is too large: its payload has more than ${limit} bytes`];
  return undefined;
};

const PLATFORM_ATTRIBUTE = /^AWS\.SNS\.MOBILE\./;

/** Makes a sender of pushes. A token that its platform does not know disables its endpoint. */
export const createPushes = (deps: {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly outbox: Outbox;
  readonly announce: Announce;
}): Pushes => ({
  send(endpointArn, message) {
    const endpoint = deps.registry.endpoints.get(endpointArn);
    const platform = endpoint && deps.registry.platforms.get(endpoint.platformArn);
    if (!endpoint || !platform) return { ok: false, retry: false, reason: "Endpoint does not exist" };
    const body = payloadFor(platform.kind, message);
    const refused = refusal(platform, endpoint, body);
    const settings = Object.entries(message.attributes).filter(([name]) => PLATFORM_ATTRIBUTE.test(name));
    deps.outbox.add({
      at: deps.clock.now(),
      kind: "push",
      to: endpointArn,
      status: refused ? "failed" : "sent",
      ...(refused ? { reason: refused[1] } : {}),
      messageId: message.id,
      ...(message.topicArn === undefined ? {} : { topicArn: message.topicArn }),
      body,
      detail: {
        platform: platform.kind,
        token: endpoint.attributes.Token,
        ...(settings.length > 0
          ? { attributes: Object.fromEntries(settings.map(([name, { StringValue }]) => [name, StringValue])) }
          : {}),
      },
    });
    if (!refused) return { ok: true };
    const [FailureType, FailureMessage] = refused;
    if (FailureType === "InvalidPlatformToken") {
      endpoint.attributes = { ...endpoint.attributes, Enabled: "false" };
      deps.registry.endpoints.set(endpointArn, endpoint);
      deps.announce(platform, "EventEndpointUpdated", {
        EndpointArn: endpointArn,
        Attributes: { Enabled: "false" },
      });
    }
    deps.announce(platform, "EventDeliveryFailure", {
      EndpointArn: endpointArn,
      MessageId: message.id,
      DeliveryAttempts: 1,
      FailureType,
      FailureMessage,
    });
    return { ok: false, retry: false, reason: FailureMessage };
  },
});
