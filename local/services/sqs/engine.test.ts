import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../kit/clock.ts";
import { type Engine, settle } from "./engine.ts";
import { noJournal } from "./journal.ts";
import { acknowledge, changeVisibility, receive } from "./receive.ts";
import { send } from "./send.ts";
import { createQueue, type Message, type Queue } from "./state.ts";

const start = (name: string, attributes: Record<string, string> = {}) => {
  const clock = systemClock();
  const make = (named: string, more: Record<string, string>): Queue =>
    createQueue(
      { name: named, arn: `arn:aws:sqs:eu:1:${named}`, url: named, runtime: false },
      { ...(named.endsWith(".fifo") ? { FifoQueue: "true" } : {}), VisibilityTimeout: "30", ...more },
      {},
      clock.now(),
    );
  const fifo = name.endsWith(".fifo");
  const dead = make(fifo ? "dead.fifo" : "dead", {});
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 4 });
  const queue = make(name, { RedrivePolicy, ...attributes });
  const queues = new Map([queue, dead].map((each) => [each.name, each]));
  const engine: Engine = { clock, journal: noJournal(), queues, polls: new Set(), moved: () => {} };
  return { clock, engine, queue, dead };
};

const consistent = (queue: Queue): void => {
  const counted = { delayed: 0, ready: 0, flying: 0 };
  for (const { state } of queue.messages.values()) if (state !== "gone") counted[state]++;
  expect(queue.counts).toEqual(counted);
  const grouped = [...queue.groups.values()].flatMap((group) => group.messages);
  if (queue.settings.fifo) expect(grouped).toHaveLength(queue.messages.size);
};

type Step =
  | { do: "send"; group: string; delay: number }
  | { do: "receive"; max: number }
  | { do: "delete" | "release" | "leave"; nth: number }
  | { do: "advance"; seconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("send" as const), group: fc.constantFrom("a", "b", "c"), delay: fc.nat(20) }),
  fc.record({ do: fc.constant("receive" as const), max: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ do: fc.constantFrom("delete" as const, "release" as const), nth: fc.nat(5) }),
  fc.record({ do: fc.constant("advance" as const), seconds: fc.integer({ min: 1, max: 40 }) }),
);

/** Plays steps and returns what was sent, delivered and deleted, in order. */
const play = (name: string, steps: readonly Step[]) => {
  const { clock, engine, queue, dead } = start(name);
  const sent: string[] = [];
  const deleted: Message[] = [];
  const delivered: Message[] = [];
  let held: { message: Message; receipt: string }[] = [];
  const take = (max: number) => {
    const messages = receive(engine, queue, { max });
    delivered.push(...messages);
    held = held.filter(({ message, receipt }) => message.receipt === receipt);
    held.push(...messages.map((message) => ({ message, receipt: message.receipt ?? "" })));
  };
  const finish = (entry: { message: Message; receipt: string } | undefined, act: "delete" | "release") => {
    if (entry?.message.state !== "flying" || entry.message.receipt !== entry.receipt) return;
    if (act === "release") return changeVisibility(engine, queue, entry.receipt, 0);
    acknowledge(engine, queue, entry.receipt);
    deleted.push(entry.message);
  };
  for (const one of steps) {
    if (one.do === "advance") clock.advance(one.seconds * 1000);
    else if (one.do === "receive") take(one.max);
    else if (one.do === "send") {
      const fifo = queue.settings.fifo;
      const body = `${one.group}${sent.length}`;
      send(engine, queue, {
        body,
        senderId: "test",
        ...(fifo ? { groupId: one.group, dedupId: body } : { delayMs: one.delay * 1000 }),
      });
      sent.push(body);
    } else finish(held[one.nth], one.do === "delete" ? "delete" : "release");
    settle(engine, queue);
    consistent(queue);
  }
  return { clock, engine, queue, dead, sent, delivered, deleted, take, finish, held: () => held };
};

describe("whatever is sent, received, deleted, released and waited for", () => {
  test.each(["plain", "line.fifo"])("no message of %s is lost or doubled", (name) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { queue, dead, sent, deleted } = play(name, steps);
        const left = [queue, dead].flatMap((each) => [...each.messages.values()].map((m) => m.body));
        expect([...left, ...deleted.map((m) => m.body)].toSorted()).toEqual(sent.toSorted());
      }),
      { numRuns: 200 },
    );
  });

  test("a group never has a message delivered while an earlier one of it waits unseen", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { sent, delivered } = play("line.fifo", steps);
        for (const group of ["a", "b", "c"]) {
          const order = sent.filter((body) => body.startsWith(group));
          const firsts = [...new Set(delivered.map((m) => m.body).filter((body) => body.startsWith(group)))];
          expect(firsts).toEqual(order.slice(0, firsts.length));
        }
      }),
      { numRuns: 200 },
    );
  });

  test("a queue drains once its consumers do their work", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const game = play("line.fifo", steps);
        for (let round = 0; round < 200 && game.queue.messages.size > 0; round++) {
          game.clock.advance(31_000);
          game.take(10);
          for (const entry of game.held()) game.finish(entry, "delete");
        }
        expect(game.queue.messages.size).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});

test("a long queue is as quick per message as a short one", () => {
  const cost = (count: number): number => {
    const { engine, queue } = start("plain");
    const began = performance.now();
    for (let i = 0; i < count; i++) send(engine, queue, { body: `${i}`, senderId: "test" });
    for (let left = count; left > 0; left -= 10)
      for (const { receipt } of receive(engine, queue, { max: 10 }))
        acknowledge(engine, queue, receipt ?? "");
    expect(queue.messages.size).toBe(0);
    return (performance.now() - began) / count;
  };
  cost(1_000);
  const short = cost(1_000);
  expect(cost(30_000)).toBeLessThan(short * 5 + 0.05);
});

test("ten thousand deleted messages leave nothing behind, and those in flight beside them still come back", () => {
  const { clock, engine, queue } = start("orders");
  const round = () => {
    send(engine, queue, { body: "x", senderId: "test" });
    return receive(engine, queue, { max: 1 })[0];
  };
  for (let i = 0; i < 10; i++) round();
  for (let i = 0; i < 10_000; i++) acknowledge(engine, queue, round()?.receipt ?? "");
  expect(queue.messages.size).toBe(10);
  expect(queue.hidden.items.length).toBeLessThan(2_000);
  clock.advance(30_000);
  settle(engine, queue);
  expect(queue.counts).toEqual({ delayed: 0, ready: 10, flying: 0 });
});
