import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invalidateByLink } from "../../core/cache/invalidation.ts";
import { now } from "../../core/kit/clock.ts";
import { shorten } from "../../core/shortener/creation.ts";
import { edit } from "../../core/shortener/editing.ts";
import { createLinkCache, hearingTier, SYNC_MS, TTL_MS } from "../../core/shortener/link-cache.ts";
import { remove } from "../../core/shortener/links.ts";
import { newUrl, newUser, startShortener } from "../kit/shortener.ts";

const HOST = "go.test";
const PROCESSES = 3;

type Step =
  | { readonly do: "read"; readonly process: number }
  | { readonly do: "edit" | "delete"; readonly dies: boolean }
  | { readonly do: "event"; readonly which: number }
  | { readonly do: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("read" as const), process: fc.nat(PROCESSES - 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("edit" as const, "delete" as const), dies: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("event" as const), which: fc.nat(20) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(100, SYNC_MS / 2, SYNC_MS, 5 * SYNC_MS, TTL_MS / 2),
    }),
  },
);

/** What a link was, until when redirects may have led there. */
interface Past {
  readonly url: string | null;
  until: number;
}

describe("links in memory, whatever happens in whatever order", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  beforeAll(async () => {
    world = await startShortener();
  });
  afterAll(() => world.stop());

  /** Changes one link at random; every read must be of what the link was within the time that is promised. */
  const play = async (steps: readonly Step[]) => {
    const user = newUser();
    const name = { domain: "*", code: crypto.randomUUID() };
    const make = async () => (await shorten({ url: newUrl(), custom_hash: name.code }, user.id, HOST)).link;
    let link = await make();
    const caches = Array.from({ length: PROCESSES }, () => createLinkCache(hearingTier()));
    const past: Past[] = [{ url: link.url, until: Number.POSITIVE_INFINITY }];
    const become = (url: string | null, told: boolean) => {
      const last = past.at(-1);
      if (last) last.until = now() + (told ? SYNC_MS : TTL_MS);
      past.push({ url, until: Number.POSITIVE_INFINITY });
    };
    const change = async (dies: boolean, work: () => Promise<string | null>) => {
      if (dies)
        world.faults.add({
          id: "dies",
          on: { operation: "PutItem", target: world.cacheTable },
          fault: { kind: "error", status: 400, code: "AccessDenied" },
        });
      const url = await work();
      world.faults.remove("dies");
      become(url, !dies);
    };
    for (const each of steps) {
      if (each.do === "wait") world.advance(each.ms);
      else if (each.do === "event") {
        // Of any change so far, for the first time or again: all before it is known from here on.
        await invalidateByLink({ ...name, id: `lnk_${each.which}`, owner: null });
        for (const state of past.slice(0, -1)) state.until = Math.min(state.until, now() + SYNC_MS);
      } else if (each.do === "edit")
        await change(each.dies, async () => (await edit(name, { url: newUrl() }, user, HOST)).url);
      else if (each.do === "delete") {
        await change(each.dies, async () => {
          await remove(name, user);
          return null;
        });
        link = await make();
        become(link.url, true);
      } else if (each.do === "read") {
        const began = now();
        const found = await caches[each.process]?.read(name);
        const allowed = past.filter(({ until }) => until >= began).map(({ url }) => url);
        expect(allowed).toContain(found?.link?.url ?? null);
      }
    }
  };

  it("lead to what the link is, or was within a second; within a minute where nobody could tell", async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), play), {
      numRuns: 60,
      seed: 4,
    });
  });
});
