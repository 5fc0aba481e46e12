import { expect, it } from "vitest";
import { stopAll } from "./stops.ts";

it("the last started stops first, and one that fails keeps no other running", async () => {
  const stopped: string[] = [];
  const stops = ["engine", "disk", "door"].map((name) => async () => {
    stopped.push(name);
    if (name === "disk") throw new Error("disk full");
  });
  await expect(stopAll(stops)).rejects.toThrow("disk full");
  expect(stopped).toEqual(["door", "disk", "engine"]);
  await stopAll(stops);
  expect(stopped).toHaveLength(3);
});
