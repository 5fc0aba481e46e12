import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { now } from "../../core/kit/clock.ts";
import { levelsOf } from "../../core/limits/guards.ts";
import { judge } from "../../core/limits/limiter.ts";
import { asTenant, startLimits } from "../kit/limits.ts";
import { newUser } from "../kit/shortener.ts";

/** Another process: modules of its own, so that what it learns this one does not; its clock goes with this one's. */
const elsewhere = async () => {
  vi.resetModules();
  const { setClock } = await import("../../core/kit/clock.ts");
  setClock(now);
  return import("../../core/limits/checking.ts");
};

describe("bans, shadow mode and a store that fails", () => {
  let world: Awaited<ReturnType<typeof startLimits>>;
  const tenant = newUser();
  beforeAll(async () => {
    world = await startLimits();
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    world.faults.clear();
    world.asAnother();
  });
  const { make, say, left } = asTenant(tenant);
  const failing = () =>
    world.faults.add({
      on: { operation: ["UpdateItem", "GetItem", "BatchGetItem", "TransactWriteItems"] },
      fault: { kind: "error" },
    });

  describe("a ban", () => {
    const banned = { limit: 1, ban: { after: 3, within: 60, for: 600 } };
    it("follows so many denials, lets nothing through for its time, and ends", async () => {
      const level = await make(banned);
      const said: string[] = [];
      for (let n = 0; n < 5; n++) said.push(await say([level]));
      expect(said.map((one) => one.split(" ")[0])).toEqual(["true", "false", "false", "false", "false"]);
      expect(said[4]).toBe("false ban");
      world.advance(599_999);
      expect(await say([level])).toBe("false ban");
      world.advance(1);
      expect(await say([level])).toBe("true store");
    });

    it("given in another process bites here", async () => {
      const level = await make(banned);
      for (let n = 0; n < 4; n++) await judge([level], {});
      world.asAnother();
      world.advance(61_000); // there would be a unit again
      expect(await say([level])).toBe("false ban");
    });

    it("is lifted by a reset elsewhere, within seconds in a process that remembers it, and so is a denial", async () => {
      const level = await make({ ...banned, window: 3_600 });
      for (let n = 0; n < 4; n++) await judge([level], {});
      expect(await say([level])).toBe("false ban");
      const { forget } = await elsewhere();
      await forget(tenant, level);
      world.advance(5_000);
      expect(await say([level])).toBe("true store");
      expect(await say([level])).toBe("false store");
      expect(await say([level])).toBe("false memory");
      await forget(tenant, level);
      world.advance(5_000);
      expect(await say([level])).toBe("true store");
    });

    it("is not needed for a denial to end: what another process gives back is seen within seconds", async () => {
      const level = await make({ ...banned, window: 3_600 });
      for (let n = 0; n < 2; n++) await judge([level], {});
      const { giveBack } = await elsewhere();
      await giveBack(tenant, { ...level, cost: 1 });
      expect(await say([level])).toBe("false memory");
      world.advance(5_000);
      expect(await say([level])).toBe("true store");
    });

    it("does not follow from denials that are too far apart", async () => {
      const level = await make(banned);
      for (let n = 0; n < 6; n++) {
        await judge([level], {}, 2); // more than there ever is
        world.advance(40_000);
      }
      expect(await say([level])).toBe("true store");
    });
  });

  describe("shadow mode", () => {
    it("lets through what it would deny, and says so", async () => {
      const level = await make({ limit: 1, mode: "shadow" });
      await judge([level], {});
      const { allowed, levels, retryAfterMs } = await judge([level], {});
      expect([allowed, levels[0]?.decision.allowed, retryAfterMs]).toEqual([true, false, 0]);
    });

    it("keeps nothing from being taken from the others, and takes nothing where they deny", async () => {
      const shadow = await make({ limit: 1, mode: "shadow" });
      const real = await make({ limit: 2 });
      await judge([shadow, real], {});
      await judge([shadow, real], {});
      expect(await left(real)).toBe(0);
      const fresh = { ...shadow, key: randomUUID() };
      expect((await judge([fresh, real], {})).allowed).toBe(false);
      expect(await left(fresh)).toBe(1);
    });
  });

  describe("while the store fails", () => {
    it.each([
      ["open", ["true open", "true open", "true open"]],
      ["closed", ["false closed", "false closed", "false closed"]],
      ["local", ["true local", "true local", "false local"]],
    ] as const)("a rule that is %s does as it says", async (onFailure, expected) => {
      const level = await make({ limit: 2, onFailure });
      await judge([{ ...level, key: "warm" }], {});
      failing();
      const said: string[] = [];
      for (let n = 0; n < 3; n++) said.push(await say([level]));
      expect(said).toEqual(expected);
      world.faults.clear();
      world.advance(1_000);
      expect(await say([level])).toBe("true store");
    });

    it("whether the app is there is told without the table, in a new process too", async () => {
      world.faults.add({ fault: { kind: "error" } });
      const probe = levelsOf({ limit: "probe", route: "GET /api/v1/health", ip: "192.0.2.78" });
      const { calls } = await world.meter.measure(async () => {
        for (let n = 0; n < 2_000; n++) expect((await judge(probe, {})).allowed).toBe(true);
        expect((await judge(probe, {})).allowed).toBe(false);
      });
      expect(calls).toBe(0);
    });

    it("rules are served as they were last read, and the app's as the code states them", async () => {
      const level = await make();
      await judge([level], {});
      world.faults.add({ on: { operation: "Query" }, fault: { kind: "error" } });
      world.advance(60_000);
      expect(await say([level])).toBe("true store");
      world.asAnother();
      expect(await say([{ rule: "anonymous-creation", key: "192.0.2.77" }])).toBe("true store");
      await expect(judge([level], {})).rejects.toMatchObject({ kind: "unavailable" });
    });
  });
});
