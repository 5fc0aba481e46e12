import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { invalidateByLink } from "../../core/cache/invalidation.ts";
import { createValkeyStore } from "../../core/cache/valkey-store.ts";
import { closeValkey, openValkey, type Valkey } from "../../core/kit/valkey.ts";
import { shorten } from "../../core/shortener/creation.ts";
import { edit } from "../../core/shortener/editing.ts";
import type { LinkName } from "../../core/shortener/link.keys.ts";
import {
  createLinkCache,
  forgetLinkCache,
  type LinkCache,
  NEGATIVE_TTL_MS,
  SYNC_MS,
  sharedTier,
} from "../../core/shortener/link-cache.ts";
import { remove } from "../../core/shortener/links.ts";
import { resolve } from "../../core/shortener/resolution.ts";
import { newUrl, newUser, startShortener } from "../kit/shortener.ts";
import { interceptReads } from "../kit/shortener-reads.ts";
import { type Server, startValkey } from "../kit/valkey.ts";

const HOST = "go.test";
const visitor = { ip: "203.0.113.9", userAgent: "Mozilla/5.0 Chrome/130.0", acceptLanguage: "en" };

describe("links in a Valkey that all processes share", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  let reads: ReturnType<typeof interceptReads>;
  let server: Server;
  const open: Valkey[] = [];
  beforeAll(async () => {
    world = await startShortener();
    reads = interceptReads();
    server = await startValkey();
    process.env.VALKEY_NODES = server.url;
  });
  afterEach(() => {
    world.faults.clear();
    reads.clear();
  });
  afterAll(async () => {
    delete process.env.VALKEY_NODES;
    forgetLinkCache();
    await closeValkey();
    for (const valkey of open) valkey.close();
    await server.stop();
    await world.stop();
  });

  /** A process with connections of its own. */
  const start = async (): Promise<LinkCache> => {
    const valkey = await openValkey({ nodes: [server.url], mode: "single" });
    open.push(valkey);
    return createLinkCache(sharedTier(createValkeyStore(valkey)));
  };
  const make = async (draft: object = {}) => {
    const user = newUser();
    const { link } = await shorten({ url: newUrl(), ...draft }, user.id, HOST);
    return { user, name: { domain: link.domain, code: link.code }, link };
  };
  const seen = (caches: readonly LinkCache[], name: LinkName) =>
    Promise.all(caches.map(async (cache) => (await cache.read(name)).link));

  it("what one process read costs the others no read of the table", async () => {
    const { name, link } = await make();
    const [one, two] = [await start(), await start()];
    const { calls, rcu } = await world.meter.measure(() => one.read(name));
    expect({ calls, rcu }).toEqual({ calls: 1, rcu: 1 }); // strongly: a replica that lags would speak to all
    const other = await world.meter.measure(() => two.read(name));
    expect(other).toMatchObject({ calls: 0, result: { loaded: false, link: { url: link.url } } });
  });

  it("an edit, a block and a deletion reach every process within a second", async () => {
    const { name, user } = await make();
    const caches = [await start(), await start(), await start()];
    await seen(caches, name);
    const { url } = await edit(name, { url: newUrl() }, user, HOST);
    world.advance(SYNC_MS);
    expect((await seen(caches, name)).map((link) => link?.url)).toEqual([url, url, url]);
    await edit(name, { blocked: true }, newUser("admins"), HOST);
    world.advance(SYNC_MS);
    for (const link of await seen(caches, name)) expect(link?.blocked).toBe(true);
    await edit(name, { blocked: false }, newUser("admins"), HOST);
    await remove(name, user);
    world.advance(SYNC_MS);
    expect(await seen(caches, name)).toEqual([null, null, null]);
  });

  it("a change whose maker died untold is dropped by its event", async () => {
    const { name, user, link } = await make();
    const caches = [await start(), await start()];
    await seen(caches, name);
    delete process.env.VALKEY_NODES; // the edit tells another feed: nobody here hears of it
    const { url } = await edit(name, { url: newUrl() }, user, HOST);
    process.env.VALKEY_NODES = server.url;
    world.advance(SYNC_MS);
    expect((await seen(caches, name)).map((each) => each?.url)).toEqual([link.url, link.url]);
    await invalidateByLink({ ...name, id: link.id, owner: null });
    world.advance(SYNC_MS);
    expect((await seen(caches, name)).map((each) => each?.url)).toEqual([url, url]);
  });

  it("a read that was under way as the link was changed is kept by nobody", async () => {
    const { name, user, link } = await make();
    const [one, two] = [await start(), await start()];
    const late = reads.hold();
    const reading = one.read(name);
    await late.reached;
    await edit(name, { disabled: true }, user, HOST);
    late.open();
    expect((await reading).link).toMatchObject({ url: link.url });
    for (const each of await seen([one, two], name)) expect(each).toMatchObject({ disabled: true });
  });

  it("a code asked for in vain works a second after it was created", async () => {
    const caches = [await start(), await start()];
    const name = { domain: "*", code: `vain-${crypto.randomUUID()}` };
    expect(await seen(caches, name)).toEqual([null, null]);
    const { link } = await make({ custom_hash: name.code });
    world.advance(NEGATIVE_TTL_MS);
    expect((await seen(caches, name)).map((each) => each?.url)).toEqual([link.url, link.url]);
  });

  it("a password's hash and a click limit are not kept there: they are read each time", async () => {
    const [one, two] = [await start(), await start()];
    const kept = async (draft: object) => {
      const { name } = await make(draft);
      await one.read(name);
      const { calls } = await world.meter.measure(() => two.read(name));
      const keys = (await open[0]?.clients[0]?.keys("*")) ?? [];
      return { reads: calls, keys: keys.filter((key) => key.includes(name.code)).length };
    };
    expect(await kept({})).toEqual({ reads: 0, keys: 1 });
    expect(await kept({ password: "swordfish" })).toEqual({ reads: 1, keys: 0 });
    expect(await kept({ max_clicks: 9 })).toEqual({ reads: 1, keys: 0 });
  });

  it("of 300 visits at once for 100 clicks exactly 100 get through, and none waits for another", async () => {
    const { name } = await make({ max_clicks: 100 });
    forgetLinkCache();
    const visits = await Promise.allSettled(
      Array.from({ length: 300 }, () => resolve({ code: name.code, host: HOST, visitor, uses: true })),
    );
    expect(visits.filter(({ status }) => status === "fulfilled")).toHaveLength(100);
  });

  it("redirects go on from the table while it is down, and an edit made meanwhile is seen", async () => {
    const { name, user } = await make();
    const cache = await start();
    await cache.read(name);
    await server.kill();
    try {
      const { url } = await edit(name, { url: newUrl() }, user, HOST);
      world.advance(SYNC_MS);
      expect(await cache.read(name)).toMatchObject({ loaded: true, link: { url } });
    } finally {
      await server.restart();
    }
  });
});
