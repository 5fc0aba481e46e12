import type { Cloud } from "../../kit/cloud.ts";
import type { Message, MessageAttributes, Subscription } from "./model.ts";
import type { Signer } from "./signing.ts";

/** What makes an envelope of a message. */
export interface Sealing {
  readonly cloud: Pick<Cloud, "endpoint">;
  readonly signer: Signer;
}

/** ISO 8601 with milliseconds, as SNS writes times. */
export const timestamp = (ms: number): string => new Date(ms).toISOString();

// Source: Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages": these fields, in this order.
const SIGNED = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: [
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
  ],
};

const textToSign = (fields: Readonly<Record<string, unknown>>): string =>
  (fields.Type === "Notification" ? SIGNED.Notification : SIGNED.SubscriptionConfirmation)
    .filter((name) => fields[name] !== undefined)
    .map((name) => `${name}\n${fields[name]}\n`)
    .join("");

const signatures = new WeakMap<Message, Map<string, string>>();

// One signature serves all subscribers of a message whose text is the same: RSA takes about a millisecond.
const signatureOf = (signer: Signer, message: Message, text: string): string => {
  const known = signatures.get(message) ?? new Map<string, string>();
  signatures.set(message, known);
  const found = known.get(text) ?? signer.sign(text, message.signatureVersion);
  known.set(text, found);
  return found;
};

const shown = (attributes: MessageAttributes) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: BinaryValue ?? StringValue ?? "" },
    ]),
  );

const sealed = ({ cloud, signer }: Sealing, message: Message, text: string) => {
  const fields = {
    Type: "Notification",
    MessageId: message.id,
    ...(message.sequence === undefined ? {} : { SequenceNumber: message.sequence }),
    TopicArn: message.topicArn ?? "",
    ...(message.subject === undefined ? {} : { Subject: message.subject }),
    Message: text,
    Timestamp: timestamp(message.at),
  };
  // Messages of FIFO topics are not signed.
  if (message.sequence !== undefined) return { fields, signed: {}, url: undefined };
  const signed = {
    SignatureVersion: message.signatureVersion,
    Signature: signatureOf(signer, message, textToSign(fields)),
  };
  return { fields, signed, url: cloud.endpoint + signer.path };
};

/** Where whoever got a message may unsubscribe. */
export const unsubscribeUrl = ({ cloud }: Pick<Sealing, "cloud">, subscription: Subscription): string =>
  `${cloud.endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`;

// Spaced as SNS spaces it: tests of consumers compare texts.
const pretty = (fields: Readonly<Record<string, unknown>>): string =>
  `{\n${Object.entries(fields)
    .map(([name, value]) => `  ${JSON.stringify(name)} : ${prettyValue(value)}`)
    .join(",\n")}\n}`;

const prettyValue = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = Object.entries(value).map(
    ([name, item]) => `    ${JSON.stringify(name)} : ${JSON.stringify(item)}`,
  );
  return `{\n${inner.join(",\n")}\n  }`;
};

/** The JSON document that queues, HTTP endpoints and email-json get. */
export const envelope = (
  sealing: Sealing,
  message: Message,
  text: string,
  subscription: Subscription,
): string => {
  const { fields, signed, url } = sealed(sealing, message, text);
  return pretty({
    ...fields,
    ...signed,
    ...(url === undefined ? {} : { SigningCertURL: url }),
    UnsubscribeURL: unsubscribeUrl(sealing, subscription),
    ...(Object.keys(message.attributes).length === 0 ? {} : { MessageAttributes: shown(message.attributes) }),
  });
};

/** The event a function gets. */
export const lambdaEvent = (sealing: Sealing, message: Message, text: string, subscription: Subscription) => {
  const { fields, signed, url } = sealed(sealing, message, text);
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscription.arn,
        Sns: {
          ...fields,
          Subject: message.subject ?? null,
          ...signed,
          ...(url === undefined ? {} : { SigningCertUrl: url }),
          UnsubscribeUrl: unsubscribeUrl(sealing, subscription),
          MessageAttributes: shown(message.attributes),
        },
      },
    ],
  };
};

/** The document by which an endpoint is asked whether it wants a subscription, or told that it has none any more. */
export const confirmation = (
  { cloud, signer }: Sealing,
  subscription: Subscription,
  about: {
    type: "SubscriptionConfirmation" | "UnsubscribeConfirmation";
    id: string;
    at: number;
    version: "1" | "2";
  },
): string => {
  const { topicArn, token = "" } = subscription;
  const Message =
    about.type === "SubscriptionConfirmation"
      ? `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
      : `You have chosen to deactivate subscription ${subscription.arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;
  const fields = {
    Type: about.type,
    MessageId: about.id,
    Token: token,
    TopicArn: topicArn,
    Message,
    SubscribeURL: confirmUrl({ cloud }, subscription),
    Timestamp: timestamp(about.at),
  };
  return pretty({
    ...fields,
    SignatureVersion: about.version,
    Signature: signer.sign(textToSign(fields), about.version),
    SigningCertURL: cloud.endpoint + signer.path,
  });
};

/** Where a subscription is confirmed. */
export const confirmUrl = (
  { cloud }: Pick<Sealing, "cloud">,
  { topicArn, token = "" }: Subscription,
): string => `${cloud.endpoint}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
