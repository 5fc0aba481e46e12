import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { Redis } from "iovalkey";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { entryKey } from "../../core/cache/cache.keys.ts";
import { createCache } from "../../core/cache/cache.ts";
import { createDynamoStore } from "../../core/cache/dynamo-store.ts";
import type { CacheStore } from "../../core/cache/store.ts";
import { createValkeyStore } from "../../core/cache/valkey-store.ts";
import { documents } from "../../core/kit/dynamo.ts";
import { openValkey } from "../../core/kit/valkey.ts";
import { startCacheTable } from "../kit/cache-tables.ts";
import { gate } from "../kit/cache-world.ts";
import { startValkey } from "../kit/valkey.ts";

const NAMESPACE = "forgotten";
const strong = { consistency: "strong" } as const;

/** A real store, and what takes a key from it whole: TTL, want of memory, a server that died. */
interface World {
  readonly store: CacheStore;
  forget(key: string): Promise<unknown>;
  stop(): Promise<void>;
}

const onDynamo = async (): Promise<World> => {
  const world = await startCacheTable();
  return {
    store: createDynamoStore(world.table),
    forget: (key) => documents().send(new DeleteCommand({ TableName: world.table, Key: entryKey(key) })),
    stop: world.stop,
  };
};

const onValkey = async (): Promise<World> => {
  const server = await startValkey();
  const valkey = await openValkey({ mode: "single", nodes: [server.url] });
  const raw = new Redis(server.url);
  return {
    store: createValkeyStore(valkey),
    forget: (key) => raw.del(`c:E#${key}`),
    stop: async () => {
      raw.disconnect();
      valkey.close();
      await server.stop();
    },
  };
};

describe.each([
  ["DynamoDB", onDynamo],
  ["Valkey", onValkey],
])("a key that %s forgot", (_name, start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });
  afterAll(() => world?.stop());
  const process = () => createCache({ namespace: NAMESPACE, store: world.store, storeTimeoutMs: 20_000 });
  const forget = (key: string) => world.forget(`${NAMESPACE}:${key}`);

  it("is found again by who knew its last version, alone and among many, and kept in memory anew", async () => {
    const [one, two] = [process(), process()];
    await one.sync();
    for (let n = 0; n < 3; n++) await one.set("again", `old ${n}`);
    await one.delete("again");
    await forget("again");
    await two.set("again", "new", strong);
    expect(await one.mget(["again"])).toEqual(new Map([["again", "new"]]));
    expect(await one.get("again")).toBe("new");
    expect((await one.getWithInfo("again"))?.tier).toBe("l1");
  });

  it("is not brought back by a load that began before it was deleted", async () => {
    const [one, two] = [process(), process()];
    const slow = gate<string>();
    let asked = false;
    const load = () => {
      asked = true;
      return slow.promise;
    };
    const loading = one.getOrSet("late", load, { timeout: 40_000, ...strong });
    await expect.poll(() => asked).toBe(true);
    await two.delete("late");
    await forget("late");
    slow.open("old");
    expect(await loading).toBe("old");
    expect(await two.get("late", strong)).toBeUndefined();
    expect(await one.get("late")).toBeUndefined();
  });
});

// DynamoDB forgets no key before its time is over, and no copy lives longer.
it("a key that Valkey put out is told of when it is written again, to who has a copy of it", async () => {
  const world = await onValkey();
  onTestFinished(world.stop);
  const process = () => createCache({ namespace: NAMESPACE, store: world.store });
  const [one, two] = [process(), process()];
  await two.sync();
  await one.set("told", "old");
  expect(await two.get("told")).toBe("old");
  await world.forget(`${NAMESPACE}:told`);
  await one.set("told", "new", strong);
  await two.sync();
  expect(await two.get("told")).toBe("new");
});
