import { describe, expect, it } from "vitest";
import { createSerial } from "./serial.ts";

describe("work on keys, one after the other", () => {
  it("never overlaps on a key, whatever fails, and does on others", async () => {
    const { all } = createSerial();
    const busy = new Set<string>();
    let overlaps = 0;
    let widest = 0;
    const on = (...keys: string[]) =>
      all(keys, async () => {
        if (keys.some((key) => busy.has(key))) overlaps++;
        for (const key of keys) busy.add(key);
        widest = Math.max(widest, busy.size);
        await new Promise(setImmediate);
        for (const key of keys) busy.delete(key);
        if (keys.length === 2) throw new Error("no");
      });
    const names = ["a", "b", "c", "d"];
    const work = Array.from({ length: 200 }, (_, n) =>
      n % 2 ? on(names[n % 4] ?? "") : on(names[(n * 3) % 4] ?? "", names[(n + 1) % 4] ?? ""),
    );
    const ends = await Promise.allSettled(work);
    expect(ends.filter(({ status }) => status === "rejected")).toHaveLength(100);
    expect(overlaps).toBe(0);
    expect(widest).toBeGreaterThan(1);
  });
});
