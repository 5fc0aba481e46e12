import { afterEach, describe, expect, it } from "vitest";
import { setClock } from "#core/kit/clock.ts";
import { shortenAll, toFailure } from "./bulk.ts";

describe("a bulk that takes long", () => {
  let restore = () => {};
  afterEach(() => restore());

  it("answers in time, and says of each link it did not come to that it may be sent again", async () => {
    let at = Date.now();
    restore = setClock(() => (at += 1_000));
    const outcomes = await shortenAll(Array(100).fill({ nonsense: true }), "somebody", "go.test");
    const statuses = outcomes.map((outcome) => "problem" in outcome && toFailure(outcome.problem).status);
    const begun = statuses.indexOf(503);
    expect(begun).toBeGreaterThan(10);
    expect(begun).toBeLessThan(25);
    expect(statuses).toEqual([...Array(begun).fill(400), ...Array(100 - begun).fill(503)]);
  });
});
