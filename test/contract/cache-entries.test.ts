import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NewEntry, ReadOptions } from "../../core/cache/api.schema.ts";
import { invalidate, read, remove, write } from "../../core/cache/entries.ts";
import { forgetTiers } from "../../core/cache/tiers.ts";
import { flush } from "../../core/cache/write-behind.ts";
import { closeValkey } from "../../core/kit/valkey.ts";
import { startCache } from "../kit/cache.ts";
import { startValkey } from "../kit/valkey.ts";

let world: Awaited<ReturnType<typeof startCache>>;
beforeAll(async () => {
  world = await startCache();
});
afterAll(() => world.stop());

const ada = () => ({ user: "ada", namespace: "pages", key: randomUUID() });
type Name = ReturnType<typeof ada>;
const put = (name: Name, entry: v.InferInput<typeof NewEntry>) => write(name, v.parse(NewEntry, entry));
const get = async (name: Name, query: v.InferInput<typeof ReadOptions> = {}) =>
  JSON.parse(await read(name, v.parse(ReadOptions, query)));
const strong = { consistency: "strong" } as const;
const records = { ...strong, origin: "records" } as const;

type Cost = [calls: number, rcu: number, wcu: number];
const prepared = async (entry: v.InferInput<typeof NewEntry>) => {
  const name = ada();
  await put(name, entry);
  return name;
};

describe("calls and units of every operation", () => {
  // The marks exist: DynamoDB bills what is not there too, its local engine does not.
  beforeAll(async () => {
    await invalidate("ada", { namespace: "pages" });
    await invalidate("ada", { namespace: "pages", tag: "red" });
  });
  // The process is warm: what others did was asked for within the last second, and its figures were added up.
  const rows: [what: string, cost: Cost, prepare: () => Promise<() => Promise<unknown>>][] = [
    [
      "get, from memory",
      [0, 0, 0],
      async () => {
        const name = await prepared({ value: 1 });
        await get(name);
        return () => get(name);
      },
    ],
    [
      "get, from the table: the entry, and the mark of its namespace",
      [1, 2, 0],
      async () => {
        const name = await prepared({ value: 1 });
        return () => get(name, strong);
      },
    ],
    [
      "get with tags hinted: in the same call",
      [1, 3, 0],
      async () => {
        const name = await prepared({ value: 1, tags: ["red"] });
        return () => get(name, { ...strong, tags: "red" });
      },
    ],
    [
      "get, missing, loaded: entry and mark, lease, record, fill",
      [4, 3, 2],
      async () => {
        const name = await prepared({ value: 1, strategy: "cache-aside" });
        return () => get(name, records);
      },
    ],
    [
      "put: marks, so that no tag dropped a moment ago takes it along, and the entry",
      [2, 1, 1],
      async () => () => put(ada(), { value: 1 }),
    ],
    [
      "put, eventual, by a process that asked for the marks within the last second",
      [1, 0, 1],
      async () => {
        await prepared({ value: 1 });
        return () => put(ada(), { value: 1, consistency: "eventual" });
      },
    ],
    [
      "put, write-behind: marks and the entry, whatever its record costs later",
      [2, 1, 1],
      async () => () => put(ada(), { value: 1, strategy: "write-behind" }),
    ],
    [
      "flush: what is newest, the record, the entry",
      [3, 1, 2],
      async () => {
        const name = await prepared({ value: 1, strategy: "write-behind" });
        for (let n = 0; n < 5; n++) await put(name, { value: n, strategy: "write-behind" });
        return () => flush(world.store, `u/ada/pages:${name.key}`);
      },
    ],
    [
      "put, write-through: marks, what stands, the record, the entry",
      [4, 2, 2],
      async () => {
        const name = await prepared({ value: 1 });
        return () => put(name, { value: 2, strategy: "write-through" });
      },
    ],
    [
      "put, cache-aside: the same, and the entry is dropped",
      [4, 2, 2],
      async () => {
        const name = await prepared({ value: 1 });
        return () => put(name, { value: 2, strategy: "cache-aside" });
      },
    ],
    [
      "delete",
      [1, 0, 1],
      async () => {
        const name = await prepared({ value: 1 });
        return () => remove(name);
      },
    ],
    ["drop all with a tag", [1, 0, 1], async () => () => invalidate("ada", { namespace: "pages", tag: "t" })],
    ["drop a namespace", [1, 0, 1], async () => () => invalidate("ada", { namespace: "pages" })],
  ];

  it.each(rows)("%s", async (_what, [calls, rcu, wcu], prepare) => {
    const work = await prepare();
    expect(await world.meter.measure(work)).toMatchObject({ calls, rcu, wcu });
  });
});

describe("with a Valkey before the table", () => {
  let server: Awaited<ReturnType<typeof startValkey>>;
  beforeAll(async () => {
    server = await startValkey();
    Object.assign(process.env, { VALKEY_NODES: server.url, VALKEY_MODE: "single" });
    forgetTiers();
  });
  afterAll(async () => {
    delete process.env.VALKEY_NODES;
    forgetTiers();
    await closeValkey();
    await server.stop();
  });

  it("entries are served by Valkey, and the table is not asked", async () => {
    const name = await prepared({ value: { n: 1 } });
    world.reached.length = 0;
    expect(await get(name, strong)).toMatchObject({ value: { n: 1 }, tier: "l2" });
    expect(world.reached.filter(({ operation }) => operation !== "UpdateItem")).toEqual([]);
  });

  it("what is written behind is durable in the table, and seen at once by whoever asks for records", async () => {
    const name = await prepared({ value: "old", strategy: "write-through" });
    expect(await get(name, records)).toMatchObject({ value: "old" });
    await put(name, { value: "new", strategy: "write-behind" });
    expect(await get(name, records)).toMatchObject({ value: "new", loaded: true });
    expect(await get(name, records)).toMatchObject({ value: "new", tier: "l2", loaded: false });
    await flush(world.store, `u/ada/pages:${name.key}`);
    await remove(name);
    expect(await get(name, records)).toMatchObject({ value: "new", loaded: true });
  });

  it("an invalidation reaches both: the table's stream tells of it", async () => {
    const name = await prepared({ value: 1, tags: ["both"] });
    world.reached.length = 0;
    await invalidate("ada", { namespace: "pages", tag: "both" });
    expect(world.reached.map(({ operation }) => operation)).toEqual(["UpdateItem"]);
    await expect(get(name, strong)).rejects.toThrow(/Nothing is kept/);
  });
});
