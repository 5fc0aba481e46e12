import { afterEach, describe, expect, it } from "vitest";
import { setClock } from "#core/kit/clock.ts";
import { createHotKeys } from "./hot-keys.ts";

describe("hot keys", () => {
  let at = 1_000_000;
  let restore = setClock(() => at);
  afterEach(() => {
    restore();
    restore = setClock(() => at);
  });

  it("are those read as often as the threshold says, within the window", () => {
    const keys = createHotKeys({ threshold: 10 });
    for (let n = 1; n < 10; n++) expect(keys.touch("a")).toBe(false);
    expect(keys.touch("a")).toBe(true);
    expect(keys.touch("b")).toBe(false);
    expect(keys.hot()).toEqual(["a"]);
  });

  it("stay so for the next window, and cool down after it", () => {
    const keys = createHotKeys({ threshold: 3, windowMs: 1_000 });
    for (let n = 0; n < 3; n++) keys.touch("a");
    at += 1_000;
    expect(keys.touch("a")).toBe(true);
    at += 1_000;
    expect(keys.touch("a")).toBe(false);
    for (let n = 0; n < 3; n++) keys.touch("a");
    at += 60_000;
    expect(keys.hot()).toEqual([]);
  });

  it("are found among a hundred thousand others, and none of those is taken for one", () => {
    const keys = createHotKeys({ threshold: 2_000, keys: 64, windowMs: 60_000 });
    let wrong = 0;
    for (let n = 0; n < 100_000; n++) {
      if (n % 20 === 0) keys.touch("hot");
      else if (keys.touch(`cold${n}`)) wrong++;
    }
    expect(wrong).toBe(0);
    expect(keys.hot()).toEqual(["hot"]);
  });

  it("count anew when the clock goes back", () => {
    const keys = createHotKeys({ threshold: 2 });
    keys.touch("a");
    at -= 5_000;
    expect(keys.touch("a")).toBe(false);
    expect(keys.touch("a")).toBe(true);
  });
});
