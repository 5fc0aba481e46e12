import type { Clock } from "../../kit/clock.ts";
import type { Table } from "../../kit/ledger.ts";
import type { Outcome } from "./http.ts";
import type { Message } from "./model.ts";
import type { Outbox } from "./outbox.ts";

/** Sends text messages, into the outbox. */
export interface Texter {
  send(phoneNumber: string, message: Message): Outcome;
}

/** E.164, as far as SNS looks. */
export const isPhoneNumber = (text: string): boolean =>
  /^\+?[1-9]\d{3,14}$/.test(text.replace(/[-. ()]/g, ""));

/** Longest text SNS sends to a phone, characters. */
export const LONGEST_SMS = 1_600;

const GSM = /^[\n\r @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;
const ESCAPED = /[\^{}\\[~\]|€]/g;

/** How many parts a text goes out in: 160 characters of GSM 03.38, else 70; less when there are several. */
export const partsOf = (text: string): number => {
  const gsm = GSM.test(text);
  const length = text.length + (gsm ? (text.match(ESCAPED)?.length ?? 0) : 0);
  const [alone, joined] = gsm ? [160, 153] : [70, 67];
  return length <= alone ? 1 : Math.ceil(length / joined);
};

const setting = (message: Message, name: string, fallback: string | undefined) =>
  message.attributes[`AWS.SNS.SMS.${name}`]?.StringValue ?? fallback;

/** Makes a texter. A phone that opted out gets nothing, and the outbox says so. */
export const createTexter = (deps: {
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly optedOut: Table<number>;
  readonly settings: Table<string>;
}): Texter => ({
  send(phoneNumber, message) {
    const text = message.texts?.sms ?? message.text;
    const out = deps.optedOut.has(phoneNumber);
    const senderId = setting(message, "SenderID", deps.settings.get("DefaultSenderID"));
    const maxPrice = setting(message, "MaxPrice", undefined);
    deps.outbox.add({
      at: deps.clock.now(),
      kind: "sms",
      to: phoneNumber,
      status: out ? "failed" : "sent",
      ...(out ? { reason: "Phone number is opted out" } : {}),
      messageId: message.id,
      ...(message.topicArn === undefined ? {} : { topicArn: message.topicArn }),
      body: text,
      detail: {
        type: setting(message, "SMSType", deps.settings.get("DefaultSMSType")) ?? "Promotional",
        parts: partsOf(text),
        ...(senderId === undefined ? {} : { senderId }),
        ...(maxPrice === undefined ? {} : { maxPrice }),
      },
    });
    return { ok: true };
  },
});
