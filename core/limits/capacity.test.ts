import { describe, expect, it } from "vitest";
import {
  breakEven,
  clusterBill,
  designDemand,
  dollarsOnDynamo,
  dollarsOnValkey,
  leaseFor,
  leasesOf,
  primariesFor,
  strandedShare,
  ways,
} from "./capacity.schema.ts";

const way = (name: string) => {
  const found = ways.find((one) => one.name.startsWith(name));
  if (!found) throw new Error(`There is no way ${name}`);
  return found;
};

describe("what decisions cost", () => {
  it("an exact decision costs a write on DynamoDB, four levels together eight and four reads", () => {
    expect(dollarsOnDynamo(way("exact, 1 level"))).toBeCloseTo(0.625, 10);
    expect(dollarsOnDynamo(way("exact, 4 levels"))).toBeCloseTo(8 * 0.625 + 4 * 0.125, 10);
  });

  it("leases divide it by what they hold, level by level", () => {
    expect(leasesOf("write")).toEqual([400, 20, 20, 400]);
    expect(dollarsOnDynamo(way("by leases, as this API guards its writes"))).toBeCloseTo(
      (2 / 400 + 2 / 20) * 0.625,
      10,
    );
  });

  it("what is denied again costs nothing", () => {
    expect(dollarsOnDynamo(way("denied again"))).toBe(0);
    expect(breakEven(way("denied again"))).toBe(Number.POSITIVE_INFINITY);
  });

  it("each way costs no more than the one before it, on either store", () => {
    const dynamo = ways.map(dollarsOnDynamo);
    const valkey = ways.map((one) => dollarsOnValkey(one, designDemand));
    expect(dynamo).toEqual(dynamo.toSorted((a, b) => b - a));
    expect(valkey).toEqual(valkey.toSorted((a, b) => b - a));
  });

  it("a cluster has three primaries, and as many as carry the load", () => {
    expect(primariesFor(way("denied again"), designDemand)).toBe(3);
    expect(primariesFor(way("exact, 1 level"), designDemand)).toBe(20);
    expect(clusterBill(3)).toBeCloseTo(6 * 0.1752 * 730, 10);
  });

  it("at break-even both stores cost the same", () => {
    const one = way("exact, 1 level");
    const at = { ...designDemand, decisionsPerSecond: breakEven(one) };
    expect(dollarsOnValkey(one, at)).toBeCloseTo(dollarsOnDynamo(one), 10);
  });

  it("one key takes a thousand calls a second, so its lease grows with its load", () => {
    expect(leaseFor(1_000)).toBe(1);
    expect(leaseFor(1_000_000)).toBe(1_000);
    expect(strandedShare(1_000, 2_000, 60_000_000)).toBeCloseTo(1 / 30, 10);
    expect(strandedShare(100, 10, 500)).toBe(1);
  });
});
