import { randomBytes } from "node:crypto";
import { available, type Engine, expired, fly, remove, settle, wake } from "./engine.ts";
import { sqsErrors } from "./errors.ts";
import { giveUp } from "./send.ts";
import type { Message, Queue } from "./state.ts";

/** In-flight messages a queue may have. */
const IN_FLIGHT_LIMIT = 120_000;
/** How long a repeated FIFO receive attempt gets the same answer, ms. */
const ATTEMPT_MS = 300_000;

export interface ReceiveOptions {
  readonly max: number;
  /** Defaults to the queue's. */
  readonly visibilityMs?: number;
  readonly attemptId?: string;
}

/** Whether a queue has as many messages in flight as it may. */
export const atInFlightLimit = (queue: Queue): boolean => queue.counts.flying >= IN_FLIGHT_LIMIT;

/** Takes what is ready, oldest first, up to `max`; messages received too often go to the dead-letter queue instead. */
export const receive = (engine: Engine, queue: Queue, options: ReceiveOptions): Message[] => {
  settle(engine, queue);
  const now = engine.clock.now();
  const visibleAt = now + (options.visibilityMs ?? queue.settings.visibilityMs);
  const repeated = repeat(queue, options.attemptId, visibleAt, now);
  if (repeated) return repeated;
  if (!queue.settings.fifo && atInFlightLimit(queue)) throw sqsErrors.overLimit();
  const taken: Message[] = [];
  const candidates = queue.settings.fifo ? readyOfGroups(queue) : readyInOrder(engine, queue);
  const limit = queue.settings.redrive?.maxReceives ?? Number.POSITIVE_INFINITY;
  while (taken.length < options.max && !atInFlightLimit(queue)) {
    const message = candidates.next().value;
    if (!message) break;
    if (expired(queue, message, now)) {
      engine.journal.deleted(queue, message);
      remove(queue, message);
      continue;
    }
    if (message.receivesHere >= limit && giveUp(engine, queue, message)) continue;
    take(engine, queue, message, visibleAt);
    taken.push(message);
  }
  if (options.attemptId && taken.length > 0)
    queue.attempts.set(options.attemptId, { at: now, receipts: taken.map((m) => m.receipt ?? "") });
  wake(engine, queue);
  return taken;
};

const take = (engine: Engine, queue: Queue, message: Message, visibleAt: number): void => {
  message.receives++;
  message.receivesHere++;
  message.firstReceivedAt ??= engine.clock.now();
  message.receipt = Buffer.from(`${message.id}:${randomBytes(18).toString("hex")}`).toString("base64");
  fly(queue, message, visibleAt);
  engine.journal.received(queue, message);
};

// Standard queues promise no order: the message to be taken changes places with one further back.
const overtake = (queue: Queue, places: number): void => {
  const { ready, readyFrom } = queue;
  const [first, other] = [ready[readyFrom], ready[readyFrom + places]];
  if (places === 0 || !first || !other) return;
  ready[readyFrom] = other;
  ready[readyFrom + places] = first;
};

function* readyInOrder(engine: Engine, queue: Queue): Generator<Message, undefined> {
  while (queue.readyFrom < queue.ready.length) {
    overtake(queue, engine.overtakes?.(queue) ?? 0);
    const message = queue.ready[queue.readyFrom++];
    if (queue.readyFrom > 1024 && queue.readyFrom * 2 > queue.ready.length) {
      queue.ready = queue.ready.slice(queue.readyFrom);
      queue.readyFrom = 0;
    }
    if (message?.state === "ready") yield message;
  }
  return undefined;
}

// As many messages of one group as fit, then the next group's: the first `flying` of a group were taken by this call.
function* readyOfGroups(queue: Queue): Generator<Message, undefined> {
  for (const id of queue.open) {
    const group = queue.groups.get(id);
    if (!group) continue;
    for (
      let message = group.messages[group.flying];
      message?.state === "ready";
      message = group.messages[group.flying]
    )
      yield message;
  }
  return undefined;
}

const repeat = (queue: Queue, attemptId: string | undefined, visibleAt: number, now: number) => {
  for (const [id, { at }] of queue.attempts) {
    if (now - at < ATTEMPT_MS) break;
    queue.attempts.delete(id);
  }
  const attempt = attemptId === undefined ? undefined : queue.attempts.get(attemptId);
  if (!attempt) return undefined;
  const messages = attempt.receipts.map((receipt) => byReceipt(queue, receipt));
  const same = messages.filter((m, i) => m?.state === "flying" && m.receipt === attempt.receipts[i]);
  const still = same.filter((m) => m !== undefined);
  if (still.length !== attempt.receipts.length) return undefined;
  for (const message of still) fly(queue, message, visibleAt);
  return still;
};

/** Receives at once, or waits up to `waitMs` for a message to come. */
export const poll = (
  engine: Engine,
  queue: Queue,
  options: ReceiveOptions,
  waitMs: number,
): Promise<Message[]> => {
  const first = receive(engine, queue, options);
  if (first.length > 0 || waitMs <= 0) return Promise.resolve(first);
  return new Promise((resolve) => {
    const finish = (messages: Message[]) => {
      cancel();
      queue.listeners.delete(listen);
      engine.polls.delete(give);
      resolve(messages);
    };
    const give = () => finish([]);
    const listen = () => {
      if (!queue.listeners.has(listen) || !available(queue)) return;
      queue.listeners.delete(listen);
      const messages = receive(engine, queue, options);
      if (messages.length > 0) finish(messages);
      else queue.listeners.add(listen);
    };
    const cancel = engine.clock.after(waitMs, give);
    queue.listeners.add(listen);
    engine.polls.add(give);
  });
};

const parseReceipt = (handle: string): string | undefined =>
  /^([0-9a-f-]{36}):[0-9a-f]{36}$/.exec(Buffer.from(handle, "base64").toString("latin1"))?.[1];

/** The message a receipt handle was given for, if it still exists; throws for what never was a handle. */
export const byReceipt = (queue: Queue, handle: string): Message | undefined => {
  const id = parseReceipt(handle);
  if (id === undefined) throw sqsErrors.badReceipt(handle);
  return queue.messages.get(id);
};

/** Deletes by receipt handle. A handle that a later receive replaced deletes nothing, and is no error. */
export const acknowledge = (engine: Engine, queue: Queue, handle: string): void => {
  settle(engine, queue);
  const message = byReceipt(queue, handle);
  if (!message || message.receipt !== handle) return;
  if (queue.settings.fifo && message.state !== "flying")
    throw sqsErrors.badValue(handle, "ReceiptHandle", "The receipt handle has expired.");
  engine.journal.deleted(queue, message);
  remove(queue, message);
  wake(engine, queue);
};

/** Sets how long from now a received message stays hidden. */
export const changeVisibility = (engine: Engine, queue: Queue, handle: string, ms: number): void => {
  settle(engine, queue);
  const message = byReceipt(queue, handle);
  if (message?.receipt !== handle || message.state !== "flying")
    throw sqsErrors.badValue(
      handle,
      "ReceiptHandle",
      "Message does not exist or is not available for visibility timeout change.",
    );
  fly(queue, message, engine.clock.now() + ms);
  wake(engine, queue);
};
