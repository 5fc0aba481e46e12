import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../kit/clock.ts";
import type { Engine } from "./engine.ts";
import { openJournal, readJournal } from "./journal.ts";
import { acknowledge, receive } from "./receive.ts";
import { send } from "./send.ts";
import { createQueue } from "./state.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tenfold-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const start = () => {
  const file = join(directory, "deep", "log.jsonl");
  const clock = systemClock();
  const identity = { name: "q", arn: "arn:aws:sqs:eu:1:q", url: "q", runtime: true };
  const queue = createQueue(identity, {}, {}, clock.now());
  const queues = new Map([["q", queue]]);
  const journal = openJournal(file, queues);
  const engine: Engine = { clock, journal, queues, polls: new Set(), moved: () => {} };
  return { file, engine, queue };
};

test("a line cut short by a crash costs nothing that was acknowledged", async () => {
  const { file, engine, queue } = start();
  send(engine, queue, { body: "safe", senderId: "x" });
  await engine.journal.committed();
  appendFileSync(file, '["s","q",{"id":"half');
  const kept = readJournal(file).get("q");
  expect([...(kept?.messages.values() ?? [])].map((m) => m.body)).toEqual(["safe"]);
});

test("messages of one turn are on disk together once committed", async () => {
  const { file, engine, queue } = start();
  for (let i = 0; i < 100; i++) send(engine, queue, { body: `${i}`, senderId: "x" });
  await engine.journal.committed();
  expect(readJournal(file).get("q")?.messages.size).toBe(100);
});

test("the log is rewritten when most of it is dead", async () => {
  const { file, engine, queue } = start();
  let largest = 0;
  for (let round = 0; round < 60; round++) {
    for (let i = 0; i < 500; i++) send(engine, queue, { body: `${round}`, senderId: "x" });
    for (let left = 500; left > 0; left -= 10)
      for (const m of receive(engine, queue, { max: 10 })) acknowledge(engine, queue, m.receipt ?? "");
    send(engine, queue, { body: `kept ${round}`, senderId: "x" });
    for (const m of receive(engine, queue, { max: 1, visibilityMs: 43_200_000 })) m.receipt = "";
    await engine.journal.committed();
    largest = Math.max(largest, statSync(file).size);
  }
  const lines = readFileSync(file, "utf8").split("\n").length;
  expect(lines).toBeLessThan(55_000);
  expect(largest).toBeLessThan(20_000_000);
  expect(readJournal(file).get("q")?.messages.size).toBe(60);
});

test("a write that fails is told to whoever waits, and is made up for", async () => {
  const { file, engine, queue } = start();
  await engine.journal.committed();
  rmSync(join(directory, "deep"), { recursive: true });
  send(engine, queue, { body: "first", senderId: "x" });
  await expect(engine.journal.committed()).rejects.toThrow("ENOENT");
  const { mkdirSync } = await import("node:fs");
  mkdirSync(join(directory, "deep"));
  send(engine, queue, { body: "second", senderId: "x" });
  await engine.journal.committed();
  const kept = readJournal(file).get("q");
  expect([...(kept?.messages.values() ?? [])].map((m) => m.body)).toEqual(["first", "second"]);
});
