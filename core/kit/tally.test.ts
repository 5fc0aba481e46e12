import { afterEach, describe, expect, it, vi } from "vitest";
import { setClock } from "./clock.ts";
import { metrics } from "./metrics.ts";
import { count } from "./tally.ts";

describe("a tally", () => {
  afterEach(() => vi.restoreAllMocks());

  it("becomes a metric every ten seconds, with everything counted since", () => {
    const added = vi.spyOn(metrics, "addMetric").mockImplementation(() => metrics);
    let at = 1_000_000;
    const restore = setClock(() => at);
    count("Hit"); // the first flushes at once: an environment may not live for long
    for (let n = 0; n < 5; n++) count("Hit");
    expect(added.mock.calls).toEqual([["Hit", "Count", 1]]);
    at += 10_000;
    count("Miss");
    restore();
    expect(added.mock.calls.slice(1)).toEqual([
      ["Hit", "Count", 5],
      ["Miss", "Count", 1],
    ]);
  });
});
