import { randomUUID } from "node:crypto";
import pMap from "p-map";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decode, encode } from "../../core/cache/codec.ts";
import { writingAside, writingThrough } from "../../core/cache/direct.ts";
import { readRecord } from "../../core/cache/records.ts";
import { type Draft, Unflushed } from "../../core/cache/store.ts";
import { flush, settling } from "../../core/cache/write-behind.ts";
import { now } from "../../core/kit/clock.ts";
import { startCache } from "../kit/cache.ts";
import { shuffle } from "../kit/trouble.ts";

const UPDATES = 10_000;
const KEYS = 100;

let world: Awaited<ReturnType<typeof startCache>>;
let store: typeof world.store;
beforeAll(async () => {
  world = await startCache();
  store = world.store;
});
afterAll(() => world.stop());
beforeEach(() => {
  world.faults.clear();
  world.restart();
});

const newKey = () => `u/ada/pages:${randomUUID()}`;
const draft = (text: string, more: Partial<Draft> = {}): Draft => ({
  body: encode(text),
  freshUntil: now() + 60_000,
  keptUntil: now() + 60_000,
  marks: {},
  loadMs: 0,
  ...more,
});
const dirty = (text: string) => draft(text, { dirty: true });
const entryOf = async (key: string) => (await store.get(key, { strong: true })).entry;
const textOf = async (key: string) => {
  const body = (await entryOf(key))?.body;
  return body ? decode(body) : undefined;
};

/** Flushes as the queue has it done: what fails, or dies with its process, comes again. */
const deliver = async (messages: readonly string[]) => {
  let left = messages;
  let failures = 0;
  for (let rounds = 0; left.length > 0; rounds++) {
    if (rounds === 200) throw new Error(`${left.length} messages fail for good`);
    const again: string[] = [];
    const one = (key: string) => flush(store, key).catch(() => again.push(key));
    await pMap(left, one, { concurrency: 20 });
    world.restart();
    failures += again.length;
    left = shuffle(again);
  }
  return failures;
};

describe("what is written behind", () => {
  it("is on record once it is flushed: n writes of a key cost one", async () => {
    const key = newKey();
    for (let n = 1; n <= 50; n++) await store.set(key, dirty(`"${n}"`));
    expect(await readRecord(key)).toBeUndefined();
    const first = await world.meter.measure(() => flush(store, key));
    expect(first).toMatchObject({ result: "flushed", calls: 3, rcu: 1, wcu: 2 });
    expect(await readRecord(key)).toBe('"50"');
    const others = await world.meter.measure(() => Promise.all([flush(store, key), flush(store, key)]));
    expect(others).toMatchObject({ result: ["clean", "clean"], calls: 2, wcu: 0 });
  });

  it("survives duplicates, reordering and crashes: of 10,000 updates none is lost, the last of each key stands", async () => {
    const keys = Array.from({ length: KEYS }, newKey);
    const newest = new Map<string, { version: number; text: string }>();
    let messages: string[] = [];
    const update = async (n: number) => {
      const key = keys[(n * 7) % KEYS] ?? "";
      const text = `"${n}"`;
      const version = await store.set(key, dirty(text));
      if (version > (newest.get(key)?.version ?? 0)) newest.set(key, { version, text });
      messages.push(key);
    };
    let failures = 0;
    for (let done = 0; done < UPDATES; done += 1_000) {
      await pMap(
        Array.from({ length: 1_000 }, (_, n) => done + n),
        update,
        { concurrency: 25 },
      );
      // Half of the keys are flushed while the others wait, thrice each, in any order, by processes that die at any step.
      const now = new Set(shuffle([...new Set(messages)]).slice(0, KEYS / 2));
      messages = messages.filter((key) => !now.has(key));
      const some = shuffle([...now, ...now, ...now]);
      for (const [n, effect] of (["before", "after"] as const).entries())
        world.faults.add({
          on: { operation: ["GetItem", "UpdateItem"] },
          when: { nth: [20 + n, 120 + 7 * n] },
          fault: { kind: "crash", effect },
        });
      failures += await deliver(some);
      world.faults.clear();
    }
    await deliver(shuffle([...new Set(messages)]));
    expect(failures).toBeGreaterThan(20);
    expect(newest.size).toBe(KEYS);
    const wrong = await pMap(
      newest,
      async ([key, { text }]) => {
        const [record, entry] = await Promise.all([readRecord(key), entryOf(key)]);
        return record === text && !entry?.dirty ? [] : [{ key, record, text, entry }];
      },
      { concurrency: 20 },
    );
    expect(wrong.flat()).toEqual([]);
  }, 300_000);

  it("is not flushed over what was written while it was being flushed, and that comes with its own message", async () => {
    const key = newKey();
    await store.set(key, dirty('"old"'));
    world.faults.add({
      on: { operation: "UpdateItem" },
      when: { nth: 1 },
      fault: { kind: "latency", ms: 300 },
    });
    const flushing = flush(store, key);
    await expect.poll(() => world.faults.list()[0]?.injected).toBe(1);
    await store.set(key, dirty('"new"'));
    expect(await flushing).toBe("outrun");
    expect(await entryOf(key)).toMatchObject({ dirty: true, version: 2 });
    expect(await flush(store, key)).toBe("flushed");
    expect(await readRecord(key)).toBe('"new"');
  });

  it("is neither dropped nor replaced before its record has it", async () => {
    const key = newKey();
    await store.set(key, dirty('"owed"'));
    await expect(store.set(key, draft('"plain"'))).rejects.toThrow(Unflushed);
    await expect(store.delete(key, now())).rejects.toThrow(Unflushed);
    await settling(store).delete(key, now());
    expect(await textOf(key)).toBeUndefined();
    expect(await readRecord(key)).toBe('"owed"');
    const other = newKey();
    await store.set(other, dirty('"owed"'));
    await settling(store).set(other, draft('"plain"'));
    expect(await textOf(other)).toBe('"plain"');
    expect(await readRecord(other)).toBe('"owed"');
  });

  it("outlives its time to live until its record has it", async () => {
    const key = newKey();
    await store.set(key, dirty('"late"'));
    world.advance(86_400_000);
    expect(await textOf(key)).toBe('"late"');
    await flush(store, key);
    expect(await textOf(key)).toBeUndefined();
    expect(await readRecord(key)).toBe('"late"');
  });

  it("is on record when its key was forgotten meanwhile and its versions start again", async () => {
    const key = newKey();
    for (let n = 0; n < 9; n++) await store.set(key, dirty('"first life"'));
    await flush(store, key);
    await forget(key);
    world.advance(120_000);
    expect(await store.set(key, dirty('"second life"'))).toBe(1);
    await flush(store, key);
    expect(await readRecord(key)).toBe('"second life"');
  });
});

/** As TTL does. */
const forget = async (key: string) => {
  const { DeleteCommand } = await import("@aws-sdk/lib-dynamodb");
  const { documents } = await import("../../core/kit/dynamo.ts");
  const { entryKey } = await import("../../core/cache/cache.keys.ts");
  await documents().send(new DeleteCommand({ TableName: world.table, Key: entryKey(key) }));
};

describe("what is written to its record directly", () => {
  it("is in record and entry at once (write-through), or in the record alone (cache-aside): three calls", async () => {
    const key = newKey();
    await store.set(key, draft('"before"'));
    const through = await world.meter.measure(() =>
      writingThrough(store, '"through"').set(key, draft('"through"')),
    );
    expect(through).toMatchObject({ calls: 3, rcu: 1, wcu: 2 });
    expect([await textOf(key), await readRecord(key)]).toEqual(['"through"', '"through"']);
    const aside = await world.meter.measure(() => writingAside(store, '"aside"').set(key, draft('"aside"')));
    expect(aside).toMatchObject({ calls: 3, rcu: 1, wcu: 2 });
    expect([await textOf(key), await readRecord(key)]).toEqual([undefined, '"aside"']);
  });

  it("follows what was owed, and a flush that comes late does not undo it", async () => {
    const key = newKey();
    await store.set(key, dirty('"owed"'));
    world.faults.add({
      on: { operation: "UpdateItem" },
      when: { nth: 1 },
      fault: { kind: "latency", ms: 500 },
    });
    const late = flush(store, key);
    await expect.poll(() => world.faults.list()[0]?.injected).toBe(1);
    await writingThrough(store, '"direct"').set(key, draft('"direct"'));
    await late;
    expect([await textOf(key), await readRecord(key)]).toEqual(['"direct"', '"direct"']);
  });

  it("ends with entry and record alike however many write at once, by any strategy", async () => {
    const key = newKey();
    const writers = [
      (text: string) => store.set(key, dirty(text)),
      (text: string) => writingThrough(store, text).set(key, draft(text)),
      (text: string) => writingAside(store, text).set(key, draft(text)),
      () => settling(store).delete(key, now()),
      () => flush(store, key),
    ];
    for (let round = 0; round < 10; round++) {
      await pMap(
        Array.from({ length: 25 }, (_, n) => n),
        async (n) => void (await writers[n % writers.length]?.(`"${round}-${n}"`)),
        { concurrency: 25 },
      );
      await flush(store, key);
      const [entry, record] = [await textOf(key), await readRecord(key)];
      expect(entry ?? record).toBe(record);
    }
  });
});
