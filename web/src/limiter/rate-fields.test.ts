import { expect, it } from "vitest";
import { parseRateField } from "./rate-fields.ts";

it("policies and what is left of them are read with their parameters", () => {
  expect(parseRateField('"user";q=100;w=60;tenfold-burst=20, "ip";q=5;w=1')).toEqual([
    { name: "user", params: { q: 100, w: 60, "tenfold-burst": 20 } },
    { name: "ip", params: { q: 5, w: 1 } },
  ]);
  expect(parseRateField('"user";r=50;t=30')).toEqual([{ name: "user", params: { r: 50, t: 30 } }]);
});

it("no field, and a field that is no list, give nothing", () => {
  expect(parseRateField(undefined)).toEqual([]);
  expect(parseRateField("50 of 100; reset=soon,,")).toEqual([]);
});
