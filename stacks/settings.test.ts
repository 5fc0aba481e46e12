import { afterEach, describe, expect, it } from "vitest";
import { valkeyMode } from "./settings.ts";

describe("the mode of the Valkey a deployer names", () => {
  afterEach(() => {
    delete process.env.VALKEY_MODE;
  });

  it("is single unless they say cluster, and nothing else", () => {
    expect(valkeyMode()).toBe("single");
    process.env.VALKEY_MODE = "cluster";
    expect(valkeyMode()).toBe("cluster");
    process.env.VALKEY_MODE = "ring";
    expect(valkeyMode).toThrow('"single" or "cluster", not "ring"');
  });
});
