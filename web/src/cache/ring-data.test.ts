import { expect, it } from "vitest";
import { createRing } from "#core/cache/ring.schema.ts";
import { arcsOf, imbalance, KEYS, movedKeys } from "./ring-data.ts";

const nodes = ["a", "b", "c", "d"];

it("arcs cover the circle without a gap, and in all each node's share", () => {
  const ring = createRing(nodes, 64);
  const arcs = arcsOf(ring);
  expect(arcs[0]?.from).toBe(0);
  expect(arcs.at(-1)?.to).toBe(1);
  for (const [i, arc] of arcs.slice(1).entries()) expect(arc.from).toBe(arcs[i]?.to);
  for (const [node, share] of ring.shares()) {
    const drawn = arcs.filter((arc) => arc.node === node).reduce((sum, { from, to }) => sum + to - from, 0);
    expect(drawn).toBeCloseTo(share, 6);
  }
});

it("of the keys only those move that the new node takes, about one in five", () => {
  const { from, needless, fair, words } = movedKeys(nodes, [...nodes, "e"], 2_048);
  const after = createRing([...nodes, "e"], 2_048);
  const keys = [...from.keys()];
  for (const key of keys) expect(after.owner(key)).toBe("e");
  expect(keys.length / KEYS.length).toBeGreaterThan(0.1);
  expect(keys.length / KEYS.length).toBeLessThan(0.3);
  expect([fair, words, needless]).toEqual([0.2, "e joined", 0]);
  expect([...from.values()]).not.toContain("e");
});

it("more points balance a ring better", () => {
  expect(imbalance(nodes, 2_048)).toBeLessThan(1.1);
  expect(imbalance(nodes, 1)).toBeGreaterThan(imbalance(nodes, 2_048));
});
