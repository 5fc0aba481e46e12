import { afterEach, describe, expect, it } from "vitest";
import { ring } from "./rings.ts";

const ask = (query: Partial<Parameters<typeof ring>[0]>) => ring(query as Parameters<typeof ring>[0]);

describe("the ring that is shown", () => {
  afterEach(() => {
    delete process.env.VALKEY_NODES;
  });

  it("is of the servers configured, each as the store's own ring names it", () => {
    process.env.VALKEY_NODES = "redis://10.0.0.1, rediss://cache.example:6390,redis://[::1]";
    expect(ask({}).nodes.map(({ node }) => node)).toEqual([
      "10.0.0.1:6379",
      "cache.example:6390",
      "::1:6379",
    ]);
    const [shown] = ask({ keys: "k" }).keys;
    expect(shown?.node).toBe(
      ask({ nodes: "10.0.0.1:6379,cache.example:6390,::1:6379", keys: "k" }).keys[0]?.node,
    );
  });

  it("is of none where none are", () => {
    expect(ask({})).toEqual({ nodes: [], keys: [] });
  });
});
