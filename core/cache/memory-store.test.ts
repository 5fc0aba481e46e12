import { expect, it, onTestFinished } from "vitest";
import { cacheStoreSuite } from "../../test/kit/cache-store-suite.ts";
import { setClock } from "../kit/clock.ts";
import { MARK_MS } from "./life.ts";
import { createMemoryStore } from "./memory-store.ts";

cacheStoreSuite("this process's memory", async () => {
  const store = createMemoryStore();
  return { store, other: store, stop: async () => {} };
});

it("forgets a mark when its time is over, and takes it up above all it had", async () => {
  const store = createMemoryStore();
  let ahead = 0;
  onTestFinished(setClock(() => Date.UTC(2026, 5, 1) + ahead));
  await store.bump("old");
  const before = await store.bump("old");
  ahead = MARK_MS - 1;
  expect(await store.marks(["old"])).toEqual({ old: before });
  ahead = MARK_MS;
  expect(await store.marks(["old"])).toEqual({ old: 0 });
  await store.bump("new");
  expect(await store.bump("old")).toBeGreaterThan(before);
});
