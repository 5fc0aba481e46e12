import { randomUUID } from "node:crypto";
import { domainOf, foldAddress } from "./address.ts";
import type { MailEvent, StepName } from "./mail.ts";
import type { ConfigurationSet, Reason, Settings } from "./state.ts";

/** The mailbox simulator: anyone may send there, and nothing that happens there suppresses an address. */
const SIMULATOR = "simulator.amazonses.com";

/** Whether an address is the simulator's. */
export const isSimulator = (address: string): boolean => domainOf(address) === SIMULATOR;

// The first six are AWS's. The rest exist here only: an event that AWS leaves to chance needs an address too.
const SIMULATED: Readonly<Record<string, readonly [StepName, number][]>> = {
  success: [["deliver", 100]],
  bounce: [["bounce", 100]],
  complaint: [
    ["deliver", 100],
    ["complain", 300],
  ],
  ooto: [
    ["deliver", 100],
    ["reply", 200],
  ],
  suppressionlist: [["suppressed", 50]],
  softbounce: [["softBounce", 100]],
  delay: [
    ["delay", 100],
    ["deliver", 60_000],
  ],
  open: [
    ["deliver", 100],
    ["open", 300],
  ],
  click: [
    ["deliver", 100],
    ["open", 300],
    ["click", 500],
  ],
};

/** Reasons that keep a message from an address: a configuration set's own, or the account's. */
export const reasonsFor = (settings: Settings, set: ConfigurationSet | undefined): readonly Reason[] =>
  set?.suppressedReasons ?? settings.account.suppressedReasons;

/** What will happen to one recipient's message, each step with its time after the message was accepted, ms. */
export const planFor = (
  settings: Settings,
  set: ConfigurationSet | undefined,
  address: string,
): readonly (readonly [StepName, number])[] => {
  const local = foldAddress(address.slice(0, address.lastIndexOf("@"))).replace(/\+.*$/s, "");
  if (isSimulator(address)) return SIMULATED[local] ?? [["bounce", 100]];
  const listed = settings.suppressed.get(foldAddress(address));
  if (listed && reasonsFor(settings, set).includes(listed.reason))
    return [[listed.reason === "COMPLAINT" ? "complaintOnList" : "onAccountList", 50]];
  // RFC 2606: no mail server will ever answer for this domain.
  if (/(^|\.)invalid$/.test(domainOf(address))) return [["unknownDomain", 100]];
  return [["deliver", 100]];
};

const MTA = "a8-70.smtp-out.amazonses.com";
const ON_ACCOUNT_LIST =
  "Amazon SES did not send the message to this address because it is on the suppression list for your account. For more information about removing addresses from the suppression list, see the Amazon SES Developer Guide at https://docs.aws.amazon.com/ses/latest/DeveloperGuide/sending-email-suppression-list.html";
const ON_GLOBAL_LIST =
  "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address. For more information about how to remove an address from the suppression list, see the Amazon SES Developer Guide: http://docs.aws.amazon.com/ses/latest/DeveloperGuide/remove-from-suppressionlist.html";
const UNSUBSCRIBED =
  "Amazon SES did not send the message to this address because the contact has unsubscribed from the list or topic.";

const BOUNCES = {
  bounce: ["Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown", `dns; ${MTA}`],
  unknownDomain: ["Permanent", "General", "5.4.4", "smtp; 550 5.4.4 Invalid domain", `dns; ${MTA}`],
  softBounce: ["Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 Mailbox full", `dns; ${MTA}`],
  suppressed: ["Permanent", "Suppressed", "5.1.1", ON_GLOBAL_LIST, "dns; amazonses.com"],
  unsubscribed: ["Permanent", "UnsubscribedRecipient", "5.1.1", UNSUBSCRIBED, "dns; amazonses.com"],
  onAccountList: ["Permanent", "OnAccountSuppressionList", "5.1.1", ON_ACCOUNT_LIST, "dns; amazonses.com"],
} as const;

/** Kinds of bounces, by the step that brings them. */
export type BounceStep = keyof typeof BOUNCES;

/** Whether a step ends in a bounce. */
export const isBounce = (step: StepName): step is BounceStep => Object.hasOwn(BOUNCES, step);

const stamp = (ms: number): string => new Date(ms).toISOString();
const feedbackId = (at: number): string => `0100${at.toString(16).padStart(12, "0")}-${randomUUID()}-000000`;

/** A bounce of one recipient. */
export const bounce = (step: BounceStep, recipient: string, at: number): MailEvent => {
  const [bounceType, bounceSubType, status, diagnosticCode, reportingMTA] = BOUNCES[step];
  return {
    type: "Bounce",
    at,
    recipients: [recipient],
    record: {
      bounceType,
      bounceSubType,
      bouncedRecipients: [{ emailAddress: recipient, action: "failed", status, diagnosticCode }],
      timestamp: stamp(at),
      feedbackId: feedbackId(at),
      reportingMTA,
      remoteMtaIp: "127.0.0.1",
    },
  };
};

/** A complaint of one recipient; `onList` when it was never sent, for an earlier complaint stands. */
export const complaint = (recipient: string, at: number, onList = false): MailEvent => ({
  type: "Complaint",
  at,
  recipients: [recipient],
  record: {
    complainedRecipients: [{ emailAddress: recipient }],
    timestamp: stamp(at),
    feedbackId: feedbackId(at),
    complaintSubType: onList ? "OnAccountSuppressionList" : null,
    ...(onList
      ? {}
      : {
          userAgent: "Amazon SES Mailbox Simulator",
          complaintFeedbackType: "abuse",
          arrivalDate: stamp(at),
        }),
  },
});

/** A delivery to one recipient's mail server. */
export const delivery = (recipient: string, at: number, acceptedAt: number): MailEvent => ({
  type: "Delivery",
  at,
  recipients: [recipient],
  record: {
    timestamp: stamp(at),
    processingTimeMillis: at - acceptedAt,
    recipients: [recipient],
    smtpResponse: "250 2.6.0 Message received",
    reportingMTA: MTA,
    remoteMtaIp: "127.0.0.1",
  },
});

/** SES tries for 14 hours. */
const GIVES_UP_MS = 14 * 3_600_000;

/** A delay on the way to one recipient. */
export const delay = (recipient: string, at: number, acceptedAt: number): MailEvent => ({
  type: "DeliveryDelay",
  at,
  recipients: [recipient],
  record: {
    timestamp: stamp(at),
    delayType: "TransientCommunicationFailure",
    expirationTime: stamp(acceptedAt + GIVES_UP_MS),
    delayedRecipients: [
      {
        emailAddress: recipient,
        status: "4.4.1",
        diagnosticCode: "smtp; 421 4.4.1 Unable to connect to remote host",
      },
    ],
  },
});
