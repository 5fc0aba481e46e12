import type { Clock } from "../../kit/clock.ts";
import { heapDue, heapKeep, heapPop, heapPush } from "./heap.ts";
import type { Group, Message, Queue } from "./state.ts";

/** Writes down what must survive a restart. */
export interface Journal {
  sent(queue: Queue, message: Message): void;
  received(queue: Queue, message: Message): void;
  deleted(queue: Queue, message: Message): void;
  purged(queue: Queue): void;
  /** A queue was made or its attributes or tags changed. */
  defined(queue: Queue): void;
  dropped(name: string): void;
  /** Resolves once everything above is on disk. */
  committed(): Promise<void>;
}

/** All queues and what they live on. */
export interface Engine {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly queues: Map<string, Queue>;
  /** Ends every long poll; used when the service stops. */
  readonly polls: Set<() => void>;
  /** Told of each message a queue gave up, for the map. */
  moved(from: Queue, to: Queue, message: Message): void;
  /** How many ready messages of a standard queue the next one taken lets pass: none, unless a fault says so. */
  readonly overtakes?: (queue: Queue) => number;
}

/** The queue an ARN names. */
export const queueByArn = (engine: Engine, arn: string): Queue | undefined => {
  const queue = engine.queues.get(arn.slice(arn.lastIndexOf(":") + 1));
  return queue?.arn === arn ? queue : undefined;
};

const enter = (queue: Queue, message: Message, state: Message["state"]): void => {
  if (message.state !== "gone") queue.counts[message.state]--;
  if (state !== "gone") queue.counts[state]++;
  message.state = state;
};

const groupOf = (queue: Queue, message: Message): Group | undefined =>
  message.groupId !== undefined && queue.settings.fifo ? queue.groups.get(message.groupId) : undefined;

// A group is open while none of its messages is in flight and its first one is ready: that is what keeps the order.
const refresh = (queue: Queue, id: string | undefined, group: Group | undefined): void => {
  if (id === undefined || !group) return;
  if (group.messages.length === 0) queue.groups.delete(id);
  if (group.flying === 0 && group.messages[0]?.state === "ready") queue.open.add(id);
  else queue.open.delete(id);
};

const show = (queue: Queue, message: Message): void => {
  enter(queue, message, "ready");
  if (queue.settings.fifo) refresh(queue, message.groupId, groupOf(queue, message));
  else queue.ready.push(message);
};

/** Puts a message in its queue: ready, or hidden until `visibleAt`. */
export const place = (queue: Queue, message: Message, now: number): void => {
  message.state = "gone";
  queue.messages.set(message.id, message);
  queue.sweepAt = Math.min(queue.sweepAt, message.sentAt + queue.settings.retentionMs);
  if (queue.settings.fifo && message.groupId !== undefined) {
    const group = queue.groups.get(message.groupId) ?? { messages: [], flying: 0 };
    queue.groups.set(message.groupId, group);
    group.messages.push(message);
  }
  if (message.visibleAt <= now) {
    show(queue, message);
    return;
  }
  enter(queue, message, "delayed");
  hide(queue, message);
};

const isHidden = ({ visibleAt, state }: Message, due: number): boolean =>
  visibleAt === due && (state === "delayed" || state === "flying");

/** Stale entries beyond which they are dropped, once they are also the greater part. */
const STALE_LIMIT = 1_000;

// Deleted messages leave their entry behind. It would keep their bodies until the visibility timeout, up to twelve hours.
const hide = (queue: Queue, message: Message): void => {
  heapPush(queue.hidden, message.visibleAt, message);
  const live = queue.counts.delayed + queue.counts.flying;
  if (queue.hidden.items.length > STALE_LIMIT + 2 * live) heapKeep(queue.hidden, isHidden);
};

/** Takes a message out of its queue for good. */
export const remove = (queue: Queue, message: Message): void => {
  const group = groupOf(queue, message);
  if (group) {
    if (message.state === "flying") group.flying--;
    group.messages.splice(group.messages.indexOf(message), 1);
  }
  enter(queue, message, "gone");
  queue.messages.delete(message.id);
  refresh(queue, message.groupId, group);
};

/** Takes every message out. */
export const clear = (queue: Queue): void => {
  for (const message of queue.messages.values()) message.state = "gone";
  queue.messages.clear();
  queue.groups.clear();
  queue.open.clear();
  queue.ready = [];
  queue.readyFrom = 0;
  Object.assign(queue.counts, { delayed: 0, ready: 0, flying: 0 });
};

/** Marks a message in flight until its visibility runs out. */
export const fly = (queue: Queue, message: Message, visibleAt: number): void => {
  const group = groupOf(queue, message);
  if (group && message.state !== "flying") group.flying++;
  enter(queue, message, "flying");
  message.visibleAt = visibleAt;
  hide(queue, message);
  refresh(queue, message.groupId, group);
};

/** Whether a receive would find something now. */
export const available = (queue: Queue): boolean =>
  queue.settings.fifo ? queue.open.size > 0 : queue.counts.ready > 0;

/** Brings a queue up to date: what became visible is ready, what outlived its retention is gone. */
export const settle = (engine: Engine, queue: Queue): void => {
  const now = engine.clock.now();
  for (let entry = heapPop(queue.hidden, now); entry; entry = heapPop(queue.hidden, now)) {
    const { value: message, due } = entry;
    if (!isHidden(message, due)) continue;
    const group = groupOf(queue, message);
    if (group && message.state === "flying") group.flying--;
    show(queue, message);
  }
  if (now >= queue.sweepAt) sweep(engine, queue, now);
};

export const expired = (queue: Queue, message: Message, now: number): boolean =>
  now >= message.sentAt + queue.settings.retentionMs;

const sweep = (engine: Engine, queue: Queue, now: number): void => {
  let next = Number.POSITIVE_INFINITY;
  for (const message of queue.messages.values()) {
    if (expired(queue, message, now)) {
      engine.journal.deleted(queue, message);
      remove(queue, message);
    } else next = Math.min(next, message.sentAt + queue.settings.retentionMs);
  }
  // At most one sweep a second, however messages are spaced.
  queue.sweepAt = Math.max(next, now + 1000);
};

/** Wakes whoever waits for messages, now and when the next hidden one becomes visible. */
export const wake = (engine: Engine, queue: Queue): void => {
  settle(engine, queue);
  for (const listener of [...queue.listeners]) {
    if (!available(queue)) break;
    listener();
  }
  arm(engine, queue);
};

const arm = (engine: Engine, queue: Queue): void => {
  const due = heapDue(queue.hidden);
  if (due === undefined || (queue.armedAt !== undefined && queue.armedAt <= due)) return;
  queue.disarm?.();
  queue.armedAt = due;
  queue.disarm = engine.clock.after(Math.max(0, due - engine.clock.now()), () => {
    delete queue.armedAt;
    wake(engine, queue);
  });
};
