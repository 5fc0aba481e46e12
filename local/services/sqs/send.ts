import { createHash, randomUUID } from "node:crypto";
import { type MessageAttributes, md5 } from "./digest.ts";
import { type Engine, place, queueByArn, remove, wake } from "./engine.ts";
import { sqsErrors } from "./errors.ts";
import type { Message, Queue, Sent } from "./state.ts";

/** How long SQS remembers a deduplication id, ms. */
export const DEDUPLICATION_MS = 300_000;

/** A message on its way in, already checked for size and characters. */
export interface Outgoing {
  readonly body: string;
  readonly attributes?: MessageAttributes;
  readonly delayMs?: number;
  readonly groupId?: string;
  readonly dedupId?: string;
  readonly trace?: string;
  /** MD5 of the system attributes, when the sender set one. */
  readonly systemDigest?: string;
  readonly senderId: string;
}

/** What a sender is told. A duplicate gets the identity of the message it repeats. */
export interface Receipt {
  readonly id: string;
  readonly sequence?: string;
}

/** Adds a message, or drops it in silence when its deduplication id was seen within five minutes. */
export const send = (engine: Engine, queue: Queue, outgoing: Outgoing): Receipt => {
  const now = engine.clock.now();
  const key = queue.settings.fifo ? dedupKey(queue, outgoing) : undefined;
  const duplicate = key === undefined ? undefined : recall(queue, key.text, now);
  if (duplicate) return duplicate;
  const message: Message = {
    ...sentOf(queue, outgoing, now, key?.id),
    receives: 0,
    receivesHere: 0,
    visibleAt: now + (outgoing.delayMs ?? queue.settings.delayMs),
    state: "gone",
  };
  if (key) remember(queue, key.text, message, now);
  engine.journal.sent(queue, message);
  place(queue, message, now);
  wake(engine, queue);
  return message.sequence === undefined ? { id: message.id } : { id: message.id, sequence: message.sequence };
};

const sentOf = (queue: Queue, out: Outgoing, now: number, dedupId: string | undefined): Sent => ({
  id: randomUUID(),
  body: out.body,
  md5: md5(out.body),
  attributes: out.attributes ?? {},
  senderId: out.senderId,
  sentAt: now,
  ...(out.groupId === undefined ? {} : { groupId: out.groupId }),
  ...(dedupId === undefined ? {} : { dedupId }),
  ...(queue.settings.fifo ? { sequence: nextSequence(queue) } : {}),
  ...(out.trace === undefined ? {} : { trace: out.trace }),
});

/** The next sequence number of a FIFO queue: 20 digits, rising. */
export const nextSequence = (queue: Queue): string => String(queue.nextSequence++).padStart(20, "0");

const dedupKey = (queue: Queue, out: Outgoing): { id: string; text: string } => {
  if (!out.groupId) throw sqsErrors.missing("MessageGroupId");
  const { contentDedup, dedupByGroup } = queue.settings;
  const id = out.dedupId ?? (contentDedup ? createHash("sha256").update(out.body).digest("hex") : undefined);
  if (id === undefined)
    throw sqsErrors.invalid(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  return { id, text: dedupByGroup ? `${out.groupId}\n${id}` : id };
};

const recall = (queue: Queue, key: string, now: number) => {
  for (const [old, { at }] of queue.seen) {
    if (now - at < DEDUPLICATION_MS) break;
    queue.seen.delete(old);
  }
  return queue.seen.get(key);
};

/** Notes a FIFO message's deduplication id. */
export const remember = (queue: Queue, key: string, message: Sent, now: number): void => {
  const { id, sequence } = message;
  queue.seen.set(key, sequence === undefined ? { id, at: now } : { id, sequence, at: now });
};

/** The key under which a stored message's deduplication id is known; undefined outside FIFO queues. */
export const storedKey = (queue: Queue, message: Sent): string | undefined => {
  if (!queue.settings.fifo || message.dedupId === undefined) return undefined;
  return queue.settings.dedupByGroup ? `${message.groupId}\n${message.dedupId}` : message.dedupId;
};

/** Moves a message that was received too often; false when the dead-letter queue cannot take it. */
export const giveUp = (engine: Engine, queue: Queue, message: Message): boolean => {
  const target = queueByArn(engine, queue.settings.redrive?.arn ?? "");
  if (!target || target.settings.fifo !== queue.settings.fifo) return false;
  const allowed = target.settings.allowedSources;
  if (allowed && !allowed.includes(queue.arn)) return false;
  const now = engine.clock.now();
  engine.journal.deleted(queue, message);
  remove(queue, message);
  const { receipt: _, ...rest } = message;
  // A standard queue keeps the time of sending, so retention goes on counting; a FIFO queue starts anew.
  const moved: Message = {
    ...rest,
    deadLetterSource: queue.arn,
    ...(target.settings.fifo ? { sentAt: now, sequence: nextSequence(target) } : {}),
    receivesHere: 0,
    visibleAt: now,
    state: "gone",
  };
  engine.journal.sent(target, moved);
  place(target, moved, now);
  engine.moved(queue, target, moved);
  wake(engine, target);
  return true;
};
