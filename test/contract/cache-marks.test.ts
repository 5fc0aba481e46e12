import { DeleteCommand, GetCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, it, onTestFinished } from "vitest";
import { markKey } from "../../core/cache/cache.keys.ts";
import { createDynamoStore } from "../../core/cache/dynamo-store.ts";
import { LONGEST_LIFE_MS, MARK_MS } from "../../core/cache/life.ts";
import { createValkeyStore } from "../../core/cache/valkey-store.ts";
import { documents } from "../../core/kit/dynamo.ts";
import { openValkey } from "../../core/kit/valkey.ts";
import { startCacheTable } from "../kit/cache-tables.ts";
import { startValkey } from "../kit/valkey.ts";

describe("a mark is forgotten when all that was written before its last bump is over, and comes back above", () => {
  it("in a table, by its TTL", async () => {
    const world = await startCacheTable();
    onTestFinished(world.stop);
    const store = createDynamoStore(world.table);
    const key = { TableName: world.table, Key: markKey("tag") };
    for (let n = 0; n < 50; n++) await store.bump("tag");
    const before = await store.bump("tag");
    const { Item } = await documents().send(new GetCommand(key));
    expect(Number(Item?.ttl) * 1_000 - Date.now()).toBeGreaterThan(LONGEST_LIFE_MS);
    expect(Number(Item?.ttl) * 1_000 - Date.now()).toBeLessThanOrEqual(MARK_MS + 1_000);
    await documents().send(new DeleteCommand(key));
    expect(await store.marks(["tag"], true)).toEqual({ tag: 0 });
    expect(await store.bump("tag")).toBeGreaterThan(before);
  });

  it("in Valkey, a few with each bump, and none whose time is not over", async () => {
    const server = await startValkey();
    const valkey = await openValkey({ mode: "single", nodes: [server.url] });
    onTestFinished(async () => {
      valkey.close();
      await server.stop();
    });
    const [brief, lasting] = [createValkeyStore(valkey, { markMs: 1 }), createValkeyStore(valkey)];
    const names = Array.from({ length: 7 }, (_, n) => `tag ${n}`);
    let highest = 0;
    for (const name of names) highest = Math.max(highest, await lasting.bump(name));
    const left = async () => Object.values(await lasting.marks(names, true)).filter((version) => version > 0);
    expect(await left()).toHaveLength(7);
    await expect.poll(() => Date.now()).toBeGreaterThan(highest + 1);
    await brief.bump("another");
    expect(await left()).toHaveLength(4);
    await brief.bump("another");
    await brief.bump("another");
    expect(await left()).toHaveLength(0);
    expect(await lasting.bump("tag 6")).toBeGreaterThan(highest);
  });
});
