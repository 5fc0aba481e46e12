import { describe, expect, it, onTestFinished } from "vitest";
import { setClock } from "#core/kit/clock.ts";
import { toDraft } from "./draft.ts";

const WEEK_S = 7 * 86_400;

describe("a link that ends", () => {
  it("is kept by the table for a week after its end, so that it is answered by 410 and not by 404", async () => {
    onTestFinished(setClock(() => 1_700_000_000_500));
    const draft = await toDraft({ url: "https://example.com/", expires_in: 60 }, "", "go.example");
    expect(draft.expiresAt).toBe(1_700_000_060_500);
    // rounded up: TTL counts in seconds
    expect(draft.ttl).toBe(1_700_000_061 + WEEK_S);
  });

  it("is kept for good when it has no end", async () => {
    const draft = await toDraft({ url: "https://example.com/" }, "", "go.example");
    expect([draft.expiresAt, draft.ttl]).toEqual([undefined, undefined]);
  });
});
