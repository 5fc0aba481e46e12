import { expect, it } from "vitest";
import {
  breakEvenLinksPerDay,
  codeLengthFor,
  collisionChance,
  containerBill,
  designDemand,
  dollarsPerMillionRedirects,
  load,
  ourBill,
  total,
} from "./capacity.schema.ts";

const within = (actual: number, expected: number, share: number) =>
  expect(Math.abs(actual - expected) / expected).toBeLessThan(share);

it("the load is the design's: 1,160 writes and 115,000 reads a second, 18.25 TB in five years", () => {
  const { writesPerSecond, readsPerSecond, storageTb, links } = load(designDemand);
  within(writesPerSecond, 1_160, 0.01);
  within(readsPerSecond, 115_000, 0.01);
  expect(storageTb).toBeCloseTo(18.25, 10);
  expect(links).toBe(182_500_000_000);
});

it("the container design costs about $13,400 a month", () => {
  within(total(containerBill(designDemand)), 13_400, 0.01);
});

it("seven characters hold five years of links, and a random one collides about 1 % of the time after a year", () => {
  expect(codeLengthFor(load(designDemand).links)).toBe(7);
  expect(62 ** 7).toBeGreaterThan(load(designDemand).links);
  within(collisionChance(100_000_000 * 365, 7), 0.0104, 0.01);
});

it("below break-even we cost less than containers, above it more, at the design's load far more", () => {
  const edge = breakEvenLinksPerDay(designDemand);
  const ratioAt = (linksPerDay: number) => {
    const demand = { ...designDemand, linksPerDay };
    return total(ourBill(demand)) / total(containerBill(demand));
  };
  expect(ratioAt(edge * 0.9)).toBeLessThan(1);
  expect(ratioAt(edge * 1.1)).toBeGreaterThan(1);
  expect(ratioAt(designDemand.linksPerDay)).toBeGreaterThan(10);
});

it("a million redirects cost what their parts cost", () => {
  const demand = { ...designDemand, linksPerDay: 86_400 };
  const parts = total(ourBill({ ...demand, bytesPerLink: 0 }));
  within(dollarsPerMillionRedirects(demand), (parts / (100 * 730 * 3_600)) * 1e6, 1e-9);
});
