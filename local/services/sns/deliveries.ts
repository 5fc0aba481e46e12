import type { Cloud } from "../../kit/cloud.ts";
import type { Ledger } from "../../kit/ledger.ts";
import type { RetryPolicy } from "./delivery-policy.ts";
import { delayBefore } from "./delivery-policy.ts";
import type { Outcome } from "./http.ts";
import type { Message, Subscription } from "./model.ts";
import type { Registry } from "./registry.ts";

/** One message on its way to one subscriber. */
interface Pending {
  readonly messageId: string;
  readonly subscriptionArn: string;
  /** Attempts that failed so far. */
  attempts: number;
  /** Epoch ms of the next attempt. */
  due: number;
}

/** Carries messages to subscribers until they are taken, given up, or buried. What waits outlives the process. */
export interface Deliveries {
  /** Takes a message for these subscribers; it is safe once the ledger has committed. */
  accept(message: Message, subscriptions: readonly Subscription[]): void;
  /** Goes on with what waited when the cloud stopped. */
  start(): void;
  stop(): void;
  /** Resolves when no attempt is running. */
  settled(): Promise<void>;
  waiting(topicArn: string): number;
}

/** What deliveries need of their surroundings. */
export interface DeliveryDeps {
  readonly cloud: Pick<Cloud, "clock" | "print">;
  readonly ledger: Ledger;
  readonly registry: Registry;
  reach(message: Message, subscription: Subscription): Promise<Outcome>;
  policyOf(subscription: Subscription): RetryPolicy;
  /** Hands over to the dead-letter queue, if there is one. */
  bury(message: Message, subscription: Subscription, reason: string): Promise<void>;
}

/** Opens what waits. */
export const openDeliveries = (deps: DeliveryDeps): Deliveries => {
  const { clock } = deps.cloud;
  const messages = deps.ledger.table<Message>("messages");
  const pending = deps.ledger.table<Pending>("pending");
  const left = new Map<string, number>();
  // A FIFO topic's messages of one group go to one subscriber one after the other: a lane. Others do not wait.
  const lanes = new Map<string, string[]>();
  const running = new Set<Promise<void>>();
  const timers = new Set<() => void>();
  let stopped = true;

  const done = (key: string, messageId: string) => {
    pending.delete(key);
    const rest = (left.get(messageId) ?? 1) - 1;
    if (rest > 0) return left.set(messageId, rest);
    left.delete(messageId);
    return messages.delete(messageId);
  };

  const wait = (ms: number, task: () => void) => {
    const cancel = clock.after(ms, () => {
      timers.delete(cancel);
      task();
    });
    timers.add(cancel);
  };

  // Resolves true when the delivery is over, one way or the other.
  const attempt = async (key: string): Promise<boolean> => {
    const entry = pending.get(key);
    const message = entry && messages.get(entry.messageId);
    const subscription = entry && deps.registry.subscriptions.get(entry.subscriptionArn);
    if (!entry) return true;
    if (!message || !subscription) {
      done(key, entry.messageId); // unsubscribed meanwhile
      return true;
    }
    const outcome = await deps.reach(message, subscription);
    if (stopped && !outcome.ok) return false; // tried again after the next start
    const delay =
      !outcome.ok && outcome.retry ? delayBefore(deps.policyOf(subscription), entry.attempts) : undefined;
    if (delay === undefined) {
      if (!outcome.ok) await deps.bury(message, subscription, outcome.reason);
      done(key, entry.messageId);
      return true;
    }
    entry.attempts += 1;
    entry.due = clock.now() + delay;
    pending.set(key, entry);
    return false;
  };

  // Whatever an attempt stumbles over holds up no other delivery.
  const lose = (key: string, error: unknown): true => {
    deps.cloud.print(`✗ sns: delivery ${key} is lost: ${String(error)}`);
    done(key, pending.get(key)?.messageId ?? "");
    return true;
  };

  const run = (key: string, lane: string | undefined): void => {
    if (stopped) return;
    const task = (async () => {
      await deps.ledger.committed().catch(() => {});
      const over = await attempt(key).catch((error: unknown) => lose(key, error));
      if (over) return lane === undefined ? undefined : next(lane);
      const entry = pending.get(key);
      if (entry && !stopped) wait(Math.max(0, entry.due - clock.now()), () => run(key, lane));
    })().finally(() => running.delete(task));
    running.add(task);
  };

  const next = (lane: string): void => {
    const queue = lanes.get(lane);
    queue?.shift();
    const first = queue?.[0];
    if (first === undefined) lanes.delete(lane);
    else run(first, lane);
  };

  const launch = (key: string, message: Message, entry: Pending) => {
    if (message.sequence === undefined || message.groupId === undefined) {
      const ms = entry.due - clock.now();
      return ms > 0 ? wait(ms, () => run(key, undefined)) : run(key, undefined);
    }
    const lane = `${entry.subscriptionArn}\n${message.groupId}`;
    const queue = lanes.get(lane);
    if (queue) return void queue.push(key);
    lanes.set(lane, [key]);
    return run(key, lane);
  };

  return {
    accept(message, subscriptions) {
      if (subscriptions.length === 0) return;
      messages.set(message.id, message);
      left.set(message.id, subscriptions.length);
      for (const { arn } of subscriptions) {
        const key = `${message.id}/${arn.slice(arn.lastIndexOf(":") + 1)}`;
        const entry = { messageId: message.id, subscriptionArn: arn, attempts: 0, due: clock.now() };
        pending.set(key, entry);
        if (!stopped) launch(key, message, entry);
      }
    },
    start() {
      stopped = false;
      left.clear();
      for (const [key, entry] of [...pending.entries()]) {
        const message = messages.get(entry.messageId);
        left.set(entry.messageId, (left.get(entry.messageId) ?? 0) + 1);
        if (message) launch(key, message, entry);
        else pending.delete(key);
      }
      for (const { id } of [...messages.values()]) if (!left.has(id)) messages.delete(id);
    },
    stop() {
      stopped = true;
      for (const cancel of timers) cancel();
      timers.clear();
      lanes.clear();
    },
    async settled() {
      while (running.size > 0) await Promise.all([...running].map((task) => task.catch(() => {})));
    },
    waiting: (topicArn) =>
      [...pending.values()].filter((entry) => entry.subscriptionArn.startsWith(`${topicArn}:`)).length,
  };
};
