import { beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../../kit/clock.ts";
import type { Engine } from "./engine.ts";
import { noJournal } from "./journal.ts";
import { acknowledge, changeVisibility, receive } from "./receive.ts";
import { send } from "./send.ts";
import { createQueue, type Queue } from "./state.ts";

let now = 0;
let due: { at: number; task: () => void }[] = [];
// Stands still until told, so that a boundary can be met to the millisecond.
const clock: Clock = {
  now: () => now,
  after(ms, task) {
    const timer = { at: now + ms, task };
    due.push(timer);
    return () => {
      due = due.filter((other) => other !== timer);
    };
  },
  advance(ms) {
    now += ms;
    const ripe = due.filter((timer) => timer.at <= now);
    due = due.filter((timer) => timer.at > now);
    for (const timer of ripe) timer.task();
  },
};

let queue: Queue;
let engine: Engine;
beforeEach(() => {
  now = 1_700_000_000_000;
  due = [];
  const identity = { name: "q.fifo", arn: "arn:aws:sqs:eu:1:q.fifo", url: "q", runtime: false };
  queue = createQueue(identity, { ContentBasedDeduplication: "true" }, {}, now);
  engine = {
    clock,
    journal: noJournal(),
    queues: new Map([["q.fifo", queue]]),
    polls: new Set(),
    moved() {},
  };
});

const put = (body: string, dedupId = body) =>
  send(engine, queue, { body, groupId: body.charAt(0), dedupId, senderId: "test" });
const take = (max = 10) => receive(engine, queue, { max });
const bodies = (max = 10) => take(max).map((message) => message.body);

describe("to the millisecond", () => {
  test("a deduplication id is remembered for five minutes and no longer", () => {
    const first = put("a1", "id");
    clock.advance(299_999);
    expect(put("a2", "id")).toMatchObject(first);
    clock.advance(1);
    expect(put("a3", "id").id).not.toBe(first.id);
  });

  test("a message is hidden for its visibility timeout and no longer", () => {
    put("a1");
    take();
    clock.advance(29_999);
    expect(bodies()).toEqual([]);
    clock.advance(1);
    expect(bodies()).toEqual(["a1"]);
  });

  test("a message whose visibility was extended stays hidden past its first timeout", () => {
    put("a1");
    const [message] = take();
    changeVisibility(engine, queue, message?.receipt ?? "", 60_000);
    clock.advance(59_999);
    expect(bodies()).toEqual([]);
    clock.advance(1);
    expect(bodies()).toEqual(["a1"]);
  });

  test("a message is kept for its retention and no longer", () => {
    put("a1");
    clock.advance(345_599_999);
    expect(bodies()).toEqual(["a1"]);
    put("b1");
    clock.advance(345_600_000);
    expect(bodies()).toEqual([]);
    expect(queue.messages.size).toBe(0);
  });
});

test("released messages wait until the rest of their group is done, so that none passes another", () => {
  for (const body of ["a1", "a2", "a3", "a4"]) put(body);
  const [first, second, third] = take(3);
  changeVisibility(engine, queue, first?.receipt ?? "", 0);
  changeVisibility(engine, queue, second?.receipt ?? "", 0);
  expect(bodies()).toEqual([]);
  acknowledge(engine, queue, third?.receipt ?? "");
  expect(bodies()).toEqual(["a1", "a2", "a4"]);
});
