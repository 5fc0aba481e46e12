import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NewEntry, ReadOptions } from "../../core/cache/api.schema.ts";
import { read, write } from "../../core/cache/entries.ts";
import { stats } from "../../core/cache/stats-flush.ts";
import type { User } from "../../core/identity/user.schema.ts";
import { startCache } from "../kit/cache.ts";

/** More than a process keeps memory for. */
const MANY = 40;

let world: Awaited<ReturnType<typeof startCache>>;
beforeAll(async () => {
  world = await startCache();
});
afterAll(() => world.stop());

const put = (user: string, namespace: string, key: string) =>
  write({ user, namespace, key }, v.parse(NewEntry, { value: 1 }));
const get = async (user: string, namespace: string, key: string) =>
  JSON.parse(await read({ user, namespace, key }, v.parse(ReadOptions, {})));

describe("a process that serves more namespaces than it keeps memory for", () => {
  it("asks what others did once for all of them, not once for each", async () => {
    const names = Array.from({ length: 10 }, (_, n) => `some-${n}`);
    for (const name of names) {
      await put("ada", name, "k");
      await get("ada", name, "k");
    }
    world.advance(1_500);
    world.reached.length = 0;
    for (const name of names) await get("ada", name, "k");
    expect(world.reached.filter(({ operation }) => operation === "Query")).toHaveLength(1);
  });

  it("answers who reads though its figures cannot be added, and adds them later", async () => {
    const user = randomUUID();
    await put(user, "figures", "k");
    await get(user, "figures", "k");
    world.advance(11_000);
    world.faults.add({ on: { operation: "UpdateItem" }, fault: { kind: "timeout", effect: "before" } });
    expect(await get(user, "figures", "k")).toMatchObject({ value: 1 });
    world.faults.clear();
    world.advance(11_000);
    await get(user, "figures", "k");
    const { l1, l2 } = await stats({ id: user } as User, "figures");
    expect(l1.hits + l2.hits).toBe(3);
  });

  it("counts exactly what a namespace was asked for, also after its memory went and came back", async () => {
    const user = randomUUID();
    const ask = async (times: number) => {
      for (let n = 0; n < times; n++) await get(user, "counted", "k");
      // Its figures are added with the next read, ten seconds later.
      world.advance(11_000);
      await get(user, "counted", "k");
    };
    await put(user, "counted", "k");
    await ask(20);
    for (let n = 0; n < MANY; n++) await put(user, `other-${n}`, "k");
    await ask(5);
    const { l1, l2 } = await stats({ id: user } as User, "counted");
    expect(l1.hits + l2.hits).toBe(20 + 1 + 5 + 1);
    expect(Object.keys(l1).sort()).toEqual(["evictions", "hits", "misses"]);
    expect(l2.read_ms).toBeGreaterThan(0);
  });
});
