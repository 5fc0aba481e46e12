import { expect, it } from "vitest";
import { createLazyStore } from "./lazy-store.ts";
import { createMemoryStore } from "./memory-store.ts";

it("a store that cannot be reached fails its call, and is reached for anew by the next, once for all who ask", async () => {
  let away = true;
  let tries = 0;
  const store = createLazyStore("memory", async () => {
    tries++;
    if (away) throw new Error("away");
    return createMemoryStore();
  });
  await expect(Promise.all([store.get("k"), store.get("l")])).rejects.toThrow("away");
  expect(tries).toBe(1);
  expect(store.lagMs?.()).toBe(0);
  away = false;
  const draft = { body: Buffer.from("v"), freshUntil: Infinity, keptUntil: Infinity, marks: {}, loadMs: 0 };
  expect(await Promise.all([store.set("k", draft), store.bump("m")])).toEqual([1, 1]);
  expect((await store.get("k", { marks: ["m"] })).marks).toEqual({ m: 1 });
  expect(tries).toBe(2);
});
