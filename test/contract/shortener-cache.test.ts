import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { announce } from "../../core/cache/dynamo-feed.ts";
import { invalidateByLink } from "../../core/cache/invalidation.ts";
import { shorten } from "../../core/shortener/creation.ts";
import { edit } from "../../core/shortener/editing.ts";
import { CACHE_CHANNEL } from "../../core/shortener/infra.schema.ts";
import { type LinkName, linkName } from "../../core/shortener/link.keys.ts";
import {
  createLinkCache,
  hearingTier,
  type LinkCache,
  NEGATIVE_TTL_MS,
  SYNC_MS,
  TTL_MS,
} from "../../core/shortener/link-cache.ts";
import { remove } from "../../core/shortener/links.ts";
import { newUrl, newUser, startShortener } from "../kit/shortener.ts";
import { interceptReads } from "../kit/shortener-reads.ts";

const HOST = "go.test";

describe("links in the memory of several processes", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  let reads: ReturnType<typeof interceptReads>;
  beforeAll(async () => {
    world = await startShortener();
    reads = interceptReads();
  });
  afterEach(() => {
    world.faults.clear();
    reads.clear();
  });
  afterAll(() => world.stop());

  const start = (howMany = 1) => Array.from({ length: howMany }, () => createLinkCache(hearingTier()));
  const one = (): LinkCache => createLinkCache(hearingTier());
  const make = async (draft: object = {}) => {
    const user = newUser();
    const { link } = await shorten({ url: newUrl(), ...draft }, user.id, HOST);
    return { user, name: { domain: link.domain, code: link.code }, link };
  };
  const seen = (caches: readonly LinkCache[], name: LinkName) =>
    Promise.all(caches.map(async (cache) => (await cache.read(name)).link));
  const urls = async (caches: readonly LinkCache[], name: LinkName) =>
    (await seen(caches, name)).map((link) => link?.url);
  const calls = async (work: () => Promise<unknown>) => (await world.meter.measure(work)).calls;
  const about = (link: { id: string; owner: string }, name: LinkName) => ({
    ...name,
    id: link.id,
    owner: link.owner,
  });
  /** Whoever changes a link dies before others are told. */
  const dieUntold = () =>
    world.faults.add({
      on: { operation: "PutItem", target: world.cacheTable },
      fault: { kind: "error", status: 400, code: "AccessDenied" },
    });

  it("stay for a minute, and each that is asked for costs one read in that time", async () => {
    const { name } = await make();
    const cache = one();
    await cache.read(name);
    let loads = 0;
    for (let at = 0; at < TTL_MS - 2 * SYNC_MS; at += 500) {
      world.advance(500);
      if ((await cache.read(name)).loaded) loads++;
    }
    expect(loads).toBe(0);
    world.advance(2 * SYNC_MS);
    expect((await cache.read(name)).loaded).toBe(true);
  });

  it.each([
    ["an edit of the address", { url: "https://example.com/new" }, { url: "https://example.com/new" }],
    ["switching it off", { disabled: true }, { disabled: true }],
    ["a password", { password: "swordfish" }, { password: expect.any(String) }],
    ["a click limit", { max_clicks: 3 }, { clicksLeft: 3 }],
    ["an end", { expires_in: 60 }, { expiresAt: expect.any(Number) }],
  ])("reach every process within a second: %s", async (_what, patch, expected) => {
    const { name, user } = await make();
    const caches = start(5);
    await seen(caches, name);
    await edit(name, patch, user, HOST);
    world.advance(SYNC_MS);
    for (const link of await seen(caches, name)) expect(link).toMatchObject(expected);
  });

  it("a moderator's block and its owner's deletion reach every process within a second", async () => {
    const { name, user } = await make();
    const caches = start(3);
    await seen(caches, name);
    await edit(name, { blocked: true }, newUser("admins"), HOST);
    world.advance(SYNC_MS);
    for (const link of await seen(caches, name)) expect(link?.blocked).toBe(true);
    await edit(name, { blocked: false }, newUser("admins"), HOST);
    await remove(name, user);
    world.advance(SYNC_MS);
    expect(await seen(caches, name)).toEqual([null, null, null]);
  });

  it("a title changes nothing that visitors meet, and nobody is told", async () => {
    const { name, user } = await make();
    const [cache] = start();
    await cache?.read(name);
    await edit(name, { title: "Spring", tags: ["a"] }, user, HOST);
    world.advance(SYNC_MS);
    expect((await cache?.read(name))?.loaded).toBe(false);
  });

  it("hear of a change by its event, where whoever made it died before telling", async () => {
    const { name, user, link } = await make();
    const caches = start(3);
    await seen(caches, name);
    dieUntold();
    const { url } = await edit(name, { url: newUrl() }, user, HOST);
    world.faults.clear();
    world.advance(SYNC_MS);
    expect(await urls(caches, name)).toEqual([link.url, link.url, link.url]);
    await invalidateByLink(about(link, name));
    world.advance(SYNC_MS);
    expect(await urls(caches, name)).toEqual([url, url, url]);
  });

  it("are old for a minute at most where neither the news nor the event arrives", async () => {
    const { name, user } = await make();
    const cache = one();
    await cache.read(name);
    dieUntold();
    const { url } = await edit(name, { url: newUrl() }, user, HOST);
    world.advance(TTL_MS);
    expect(await urls([cache], name)).toEqual([url]);
  });

  it("events that come late, twice and out of order cost a read each, and bring nothing old back", async () => {
    const { name, user, link } = await make();
    const cache = one();
    await cache.read(name);
    await edit(name, { url: newUrl() }, user, HOST);
    const { url } = await edit(name, { url: newUrl() }, user, HOST);
    world.advance(SYNC_MS);
    expect(await urls([cache], name)).toEqual([url]);
    for (let n = 0; n < 3; n++) {
      await invalidateByLink(about(link, name));
      await invalidateByLink(about(link, name));
      world.advance(SYNC_MS);
      expect(await cache.read(name)).toMatchObject({ loaded: true, link: { url } });
      expect(await calls(() => cache.read(name))).toBe(0);
    }
  });

  it("a read that was under way as the link was changed is not kept", async () => {
    const { name, user, link } = await make();
    const { name: other } = await make();
    const cache = one();
    await cache.read(other);
    const late = reads.hold();
    const reading = cache.read(name);
    await late.reached;
    await edit(name, { disabled: true }, user, HOST);
    world.advance(SYNC_MS);
    await cache.read(other); // hears of it
    late.open();
    expect((await reading).link).toMatchObject({ id: link.id, url: link.url });
    expect((await cache.read(name)).link).toMatchObject({ disabled: true });
  });

  it("a replica that lags behind the news is not believed, nor by a process that began after them", async () => {
    const { name, user, link } = await make();
    const early = one();
    await early.read(name);
    await reads.lag(name);
    const { url } = await edit(name, { url: newUrl() }, user, HOST);
    const late = one();
    expect(await urls([late], name)).toEqual([link.url]);
    world.advance(SYNC_MS);
    expect(await urls([early, late], name)).toEqual([url, url]);
  });

  it("a code asked for in vain works a second after it was created, in every process", async () => {
    const caches = start(3);
    const name = { domain: "*", code: `vain-${crypto.randomUUID()}` };
    expect(await seen(caches, name)).toEqual([null, null, null]);
    expect(await calls(() => seen(caches, name))).toBe(0);
    const { link } = await make({ custom_hash: name.code });
    world.advance(NEGATIVE_TTL_MS);
    expect(await urls(caches, name)).toEqual([link.url, link.url, link.url]);
  });

  it("a code that was deleted and taken by another leads to the other within a second", async () => {
    const { name, user } = await make();
    const caches = start(2);
    await seen(caches, name);
    await remove(name, user);
    const { link } = await make({ custom_hash: name.code });
    world.advance(SYNC_MS);
    expect(await urls(caches, name)).toEqual([link.url, link.url]);
  });

  it("a link leaves memory at its end, and another that takes its code is followed a second later", async () => {
    const { name } = await make({ expires_in: 30 });
    const caches = start(2);
    await seen(caches, name);
    world.advance(30_000);
    expect(await calls(() => seen(caches, name))).toBe(2);
    expect(await calls(() => seen(caches, name))).toBe(0);
    const { link } = await make({ custom_hash: name.code });
    world.advance(NEGATIVE_TTL_MS);
    expect(await urls(caches, name)).toEqual([link.url, link.url]);
  });

  it("a link with a click limit is read each time", async () => {
    const { name } = await make({ max_clicks: 100 });
    const cache = one();
    await cache.read(name);
    expect(await calls(() => cache.read(name))).toBe(1);
  });

  it("go on from the table while the feed is down, never older than a second, and on from memory after", async () => {
    const { name, user } = await make();
    const cache = one();
    await cache.read(name);
    world.faults.add({
      on: { operation: "Query", target: world.cacheTable },
      fault: { kind: "error", status: 400, code: "AccessDenied" },
    });
    for (const step of [1, 2]) {
      world.advance(SYNC_MS);
      const { url } = await edit(name, { url: `https://example.com/${step}` }, user, HOST);
      expect(await urls([cache], name)).toEqual([url]);
      expect((await cache.read(name)).loaded).toBe(false); // for the rest of this second
    }
    world.faults.clear();
    world.advance(5 * SYNC_MS);
    await cache.read(name);
    world.advance(SYNC_MS);
    expect(await cache.read(name)).toMatchObject({ loaded: false, link: { url: "https://example.com/2" } });
  });

  it("while the feed is down it is asked once in five seconds, not by each visitor", async () => {
    const { name } = await make();
    const cache = one();
    await cache.read(name);
    world.faults.add({
      on: { operation: "Query", target: world.cacheTable },
      fault: { kind: "error", status: 400, code: "AccessDenied" },
    });
    world.advance(SYNC_MS);
    const used = await calls(async () => {
      for (let n = 0; n < 40; n++) {
        await cache.read(name);
        world.advance(100);
      }
    });
    expect(used).toBe(1 + 4); // the feed, and the link once a second
  });

  it("an edit is answered although redirects cannot be told, and within the time that takes", async () => {
    const { name, user } = await make();
    dieUntold();
    await expect(edit(name, { disabled: true }, user, HOST)).resolves.toMatchObject({ disabled: true });
    await expect(remove(name, user)).resolves.toBeUndefined();
  });

  it("what is said on other channels of the feed costs a redirect nothing", async () => {
    const { name } = await make();
    const cache = one();
    await cache.read(name);
    const many = Array.from({ length: 500 }, (_, n) => ({
      id: `${n}`,
      key: `u/somebody/carts:${n}`,
      version: 1,
    }));
    await announce(world.cacheTable, many);
    world.advance(SYNC_MS);
    expect(await world.meter.measure(() => cache.read(name))).toMatchObject({ calls: 1, rcu: 0.5 });
    await announce(
      world.cacheTable,
      [{ id: "own", key: linkName({ domain: "*", code: "another" }), version: 1 }],
      CACHE_CHANNEL,
    );
    world.advance(SYNC_MS);
    expect((await cache.read(name)).loaded).toBe(false);
  });
});
