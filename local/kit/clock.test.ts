import { expect, it } from "vitest";
import { systemClock } from "./clock.ts";

it("timers run in the order they fall due, those of one moment in the order they were set", () => {
  const clock = systemClock();
  const ran: string[] = [];
  const set = (name: string, ms: number) => clock.after(ms, () => ran.push(name));
  set("hour", 3_600_000);
  set("minute", 60_000);
  set("day", 86_400_000);
  clock.advance(60_000);
  expect(ran).toEqual(["minute"]);
  clock.advance(86_400_000);
  expect(ran).toEqual(["minute", "hour", "day"]);
});

it("a cancelled timer never runs, and cancelling it again takes no other one", () => {
  const clock = systemClock();
  const ran: string[] = [];
  const cancel = clock.after(1_000, () => ran.push("cancelled"));
  clock.after(1_000, () => ran.push("kept"));
  cancel();
  cancel();
  clock.advance(2_000);
  cancel();
  expect(ran).toEqual(["kept"]);
});

it("a timer that a task sets for at once runs in the same advance, a cancelled neighbour does not", () => {
  const clock = systemClock();
  const ran: string[] = [];
  clock.after(1_000, () => {
    ran.push("first");
    cancel();
    clock.after(0, () => ran.push("set by the first"));
  });
  const cancel = clock.after(2_000, () => ran.push("cancelled by the first"));
  clock.advance(5_000);
  expect(ran).toEqual(["first", "set by the first"]);
});

it("a task that throws keeps no other timer from running", async () => {
  const clock = systemClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.after(1_000, () => {
    throw new Error("bug");
  });
  clock.after(1_001, resolve);
  expect(() => clock.advance(5_000)).toThrow("bug");
  await promise;
});

// Beyond the test's time when each timer costs a search of all.
it("fifty thousand timers may wait at once, and half of them be cancelled", () => {
  const clock = systemClock();
  let ran = 0;
  const cancels = Array.from({ length: 50_000 }, (_, i) =>
    clock.after(1_000 + ((i * 7_919) % 50_000), () => {
      ran += 1;
    }),
  );
  for (const cancel of cancels.slice(0, 25_000)) cancel();
  clock.advance(100_000);
  expect(ran).toBe(25_000);
});
