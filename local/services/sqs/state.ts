import type { MessageAttributes } from "./digest.ts";
import { createHeap, type Heap } from "./heap.ts";
import { defaultAttributes, type QueueAttributes, type Settings, settingsOf } from "./settings.ts";

/** What a message is from its sending on; written to disk as it stands. */
export interface Sent {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  /** Epoch ms. */
  readonly sentAt: number;
  readonly groupId?: string;
  readonly dedupId?: string;
  /** FIFO only: rises within the queue. */
  readonly sequence?: string;
  /** `AWSTraceHeader`. */
  readonly trace?: string;
  /** ARN of the queue that gave the message up. */
  readonly deadLetterSource?: string;
}

/** A message in a queue. */
export interface Message extends Sent {
  /** Over the message's life, as reported. */
  receives: number;
  /** In this queue, as counted against its redrive policy. */
  receivesHere: number;
  firstReceivedAt?: number;
  visibleAt: number;
  state: "delayed" | "ready" | "flying" | "gone";
  /** The latest receipt handle; earlier ones delete nothing. */
  receipt?: string;
}

/** A FIFO message group: its messages in order, and how many of them are in flight. */
export interface Group {
  readonly messages: Message[];
  flying: number;
}

export interface Duplicate {
  readonly id: string;
  readonly sequence?: string;
  /** When the first of them was sent, epoch ms. */
  readonly at: number;
}

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** Made by CreateQueue rather than by the graph: such a queue must be written down itself. */
  readonly runtime: boolean;
  readonly createdAt: number;
  modifiedAt: number;
  attributes: QueueAttributes;
  settings: Settings;
  tags: Readonly<Record<string, string>>;
  readonly messages: Map<string, Message>;
  /** Standard queues: ready messages in the order they became ready; `gone` ones are skipped. */
  ready: Message[];
  /** Index of the first of `ready` not taken yet. */
  readyFrom: number;
  /** FIFO queues. */
  readonly groups: Map<string, Group>;
  /** Ids of groups whose first message may be received now, the longest waiting first. */
  readonly open: Set<string>;
  /** Delayed and in-flight messages by when they become visible; stale entries are skipped. */
  readonly hidden: Heap<Message>;
  readonly counts: { delayed: number; ready: number; flying: number };
  /** Deduplication ids of the last five minutes, oldest first. */
  readonly seen: Map<string, Duplicate>;
  /** Receive attempts of the last five minutes (FIFO retries of a lost answer). */
  readonly attempts: Map<string, { at: number; receipts: readonly string[] }>;
  readonly listeners: Set<() => void>;
  nextSequence: bigint;
  purgedAt?: number;
  /** When expired messages are looked for next, epoch ms. */
  sweepAt: number;
  /** Due time of the armed timer, epoch ms. */
  armedAt?: number;
  disarm?: () => void;
}

/** An empty queue. */
export const createQueue = (
  identity: { name: string; arn: string; url: string; runtime: boolean },
  attributes: QueueAttributes,
  tags: Readonly<Record<string, string>>,
  now: number,
): Queue => {
  const all = { ...defaultAttributes(identity.name.endsWith(".fifo")), ...attributes };
  return {
    ...identity,
    createdAt: now,
    modifiedAt: now,
    attributes: all,
    settings: settingsOf(all),
    tags,
    messages: new Map(),
    ready: [],
    readyFrom: 0,
    groups: new Map(),
    open: new Set(),
    hidden: createHeap(),
    counts: { delayed: 0, ready: 0, flying: 0 },
    seen: new Map(),
    attempts: new Map(),
    listeners: new Set(),
    nextSequence: BigInt(now) * 10_000_000n,
    sweepAt: Number.POSITIVE_INFINITY,
  };
};
