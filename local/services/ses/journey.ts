import { foldAddress } from "./address.ts";
import type { Ses } from "./context.ts";
import type { Mail, MailEvent, Publication, Step, StepName, Task } from "./mail.ts";
import { bounce, complaint, delay, delivery, isBounce, isSimulator, reasonsFor } from "./outcomes.ts";
import { happen, SUBJECT } from "./publish.ts";
import type { Reason } from "./state.ts";

// Simulated readers come from a documentation address, so that nobody takes them for people.
const READER = { ipAddress: "192.0.2.1", userAgent: "Amazon SES Mailbox Simulator" };

const eventOf = (mail: Mail, step: StepName, recipient: string, at: number): MailEvent | undefined => {
  if (isBounce(step)) return bounce(step, recipient, at);
  const stamp = { timestamp: new Date(at).toISOString(), ...READER };
  const of = { at, recipients: [recipient] };
  switch (step) {
    case "deliver":
      return delivery(recipient, at, mail.at);
    case "complain":
      return complaint(recipient, at);
    case "complaintOnList":
      return complaint(recipient, at, true);
    case "delay":
      return delay(recipient, at, mail.at);
    case "open":
      return mail.tracks.open ? { type: "Open", ...of, record: stamp } : undefined;
    case "click":
      return mail.tracks.click
        ? {
            type: "Click",
            ...of,
            record: { ...stamp, link: mail.link ?? "https://example.com/", linkTags: null },
          }
        : undefined;
    default:
      return undefined; // an automatic answer goes to the sender's mailbox: no event tells of it
  }
};

const REASON: Partial<Record<StepName, Reason>> = {
  bounce: "BOUNCE",
  unknownDomain: "BOUNCE",
  complain: "COMPLAINT",
};

// What the simulator says keeps nobody from anything.
const suppress = async (ses: Ses, mail: Mail, step: StepName, recipient: string, event: MailEvent) => {
  const reason = REASON[step];
  const set = ses.settings.sets.get(mail.configurationSet ?? "");
  if (!reason || isSimulator(recipient) || !reasonsFor(ses.settings, set).includes(reason)) return;
  const address = foldAddress(recipient);
  const feedbackId = String(event.record.feedbackId);
  ses.settings.suppressed.set(address, { address, reason, at: event.at, messageId: mail.id, feedbackId });
  await ses.save();
};

/** Lets one thing happen to a recipient's message. */
export const take = async (ses: Ses, mail: Mail, step: StepName, recipient: string): Promise<void> => {
  const event = eventOf(mail, step, recipient, ses.cloud.clock.now());
  if (!event) return;
  await suppress(ses, mail, step, recipient, event);
  happen(ses, mail, event);
};

/** First and longest wait between tries of a delivery, and how long SES tries, ms. */
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
const TRIES_MS = 3_600_000;

const hand = async (ses: Ses, { targetArn, sourceArn, body, trace }: Publication): Promise<void> => {
  const { cloud } = ses;
  const since = cloud.clock.now();
  for (let tries = 0; ; tries++) {
    try {
      const subject =
        targetArn.startsWith("arn:aws:sns:") && body.startsWith('{"eventType"') ? { subject: SUBJECT } : {};
      await cloud.deliver(targetArn, { body, sourceArn, ...subject, ...(trace ? { trace } : {}) });
      return;
    } catch (error) {
      const { name = "", message = String(error) } = error instanceof Error ? error : {};
      // AWS drops what no longer has a target, and so does this: it is said, and lost.
      const hopeless =
        /NotFound|DoesNotExist|NonExist|Invalid/.test(name) || message.startsWith("Nothing local");
      const wait = Math.min(FIRST_MS * 2 ** tries, LONGEST_MS);
      if (hopeless || cloud.clock.now() + wait - since > TRIES_MS) {
        cloud.print(`✗ ${sourceArn} → ${targetArn}: email event dropped: ${message}`);
        return;
      }
      await new Promise<void>((resolve) => cloud.clock.after(wait, resolve));
    }
  }
};

const runStep = async (ses: Ses, step: Step): Promise<void> => {
  const mail = ses.mailbox.mailOf(step);
  if (mail) await take(ses, mail, step.step, step.recipient);
};

/** Runs a task that is due, and forgets it once it is done. */
export const runTask = async (ses: Ses, task: Task): Promise<void> => {
  await (task.kind === "step" ? runStep(ses, task) : hand(ses, task));
  ses.mailbox.done(task);
  await ses.mailbox.committed();
};
