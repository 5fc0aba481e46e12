import { describe, expect, it } from "vitest";
import {
  bitsPerSecond,
  commandsPerSecond,
  designDemand,
  dollarsPerMillion,
  dynamoBill,
  FEEDS,
  feedProcesses,
  hitUnits,
  missUnits,
  ofMix,
  primariesFor,
  strongUnits,
  total,
  valkeyBill,
} from "./capacity.schema.ts";
import { TAGS } from "./valkey-shards.ts";

describe("what reads cost", () => {
  it("an eventual read of up to 4 KB costs half a unit, a strong one two", () => {
    expect(hitUnits(300)).toEqual({ reads: 0.5, writes: 0 });
    expect(hitUnits(7_000)).toEqual({ reads: 1, writes: 0 });
    expect(strongUnits(300)).toEqual({ reads: 2, writes: 0 });
    expect(dollarsPerMillion(hitUnits(300))).toBeCloseTo(0.0625, 10);
  });

  it("a miss costs a lease and a fill by the kilobyte", () => {
    expect(missUnits(300)).toEqual({ reads: 0.5, writes: 2 });
    expect(missUnits(3_500).writes).toBe(5);
  });

  it("memory costs nothing: what it answers is in no bill but the feed's", () => {
    const all = { ...designDemand, memoryShare: 1, missShare: 0 };
    const [reads, misses, feed] = dynamoBill(all).map(({ dollars }) => dollars);
    expect([reads, misses]).toEqual([0, 0]);
    expect(feed).toBeCloseTo(2_000 * 730 * 3_600 * 0.5 * 0.125e-6, 6);
  });

  it("a process asks as many feeds as a cluster has", () => {
    expect(FEEDS).toBe(TAGS.length);
    expect(commandsPerSecond(designDemand)).toEqual({ reads: expect.closeTo(120_000, 3), feeds: 120_000 });
  });

  it("a cluster has three primaries, and as many as carry reads and feeds", () => {
    expect(primariesFor({ ...designDemand, readsPerSecond: 1, processes: 1 })).toBe(3);
    expect(primariesFor({ ...designDemand, memoryShare: 0 })).toBe(12);
    expect(total(valkeyBill(designDemand))).toBeCloseTo(6 * 0.1752 * 730, 6);
  });

  it("at the design's load Valkey is the cheaper store, at a hundredth of it DynamoDB is", () => {
    expect(total(valkeyBill(designDemand))).toBeLessThan(total(dynamoBill(designDemand)));
    const small = { ...designDemand, readsPerSecond: 10_000, processes: 20 };
    expect(total(dynamoBill(small))).toBeLessThan(total(valkeyBill(small)));
    expect(ofMix(dynamoBill(small), small)).toBeCloseTo(ofMix(dynamoBill(designDemand), designDemand), 6);
  });

  it("values of 1 KB take 0.8 Gbit/s from the store, and a feed tells six thousand processes", () => {
    expect(bitsPerSecond(designDemand)).toBeCloseTo(0.8e9, 0);
    expect(feedProcesses()).toBe(6_000);
  });
});
