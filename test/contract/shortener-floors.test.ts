import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documents } from "../../core/kit/dynamo.ts";
import { Click } from "../../core/shortener/click.ts";
import { createClickLog } from "../../core/shortener/click-log.ts";
import { nextCode } from "../../core/shortener/counter.ts";
import { count, forgetListed } from "../../core/shortener/counting.ts";
import { shorten } from "../../core/shortener/creation.ts";
import { edit } from "../../core/shortener/editing.ts";
import { counterKey } from "../../core/shortener/link.keys.ts";
import { forgetLinkCache, SYNC_MS } from "../../core/shortener/link-cache.ts";
import { find, remove } from "../../core/shortener/links.ts";
import { list } from "../../core/shortener/listing.ts";
import { resolve } from "../../core/shortener/resolution.ts";
import { newUrl, newUser, startShortener } from "../kit/shortener.ts";

const HOST = "go.test";
const visitor = { ip: "203.0.113.9", userAgent: "Mozilla/5.0 Chrome/130.0", acceptLanguage: "en" };

describe("calls and units of every operation", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  beforeAll(async () => {
    world = await startShortener();
  });
  afterAll(() => world.stop());

  const link = async (owner = "") => (await shorten({ url: newUrl() }, owner, HOST)).link;
  const visit = (code: string) => resolve({ code, host: HOST, visitor, uses: true });
  const clicks = (id: string, howMany: number) => {
    const lines: string[] = [];
    const log = createClickLog((line) => void lines.push(line));
    for (let n = 0; n < howMany; n++) log(id, visitor);
    return lines.map((line) => v.parse(Click, JSON.parse(line)));
  };

  // The floors of the pattern, and what owning a link adds to them: one row each, in one place.
  const rows: [name: string, cost: Cost, prepare: () => Promise<() => Promise<unknown>>][] = [
    ["shorten by hash, anonymous", [1, 0, 1, 0], async () => () => link()],
    ["shorten by hash, owned: two sparse indexes", [1, 0, 1, 2], async () => () => link("ada")],
    [
      "shorten by hash, asked again",
      [1, 0, 1, 0],
      async () => {
        const url = newUrl();
        await shorten({ url }, "", HOST);
        return () => shorten({ url }, "", HOST);
      },
    ],
    [
      "custom code",
      [1, 0, 1, 0],
      async () => () => shorten({ url: newUrl(), custom_hash: "floor" }, "", HOST),
    ],
    [
      "custom code that is taken",
      [1, 0, 1, 0],
      async () => () => shorten({ url: newUrl(), custom_hash: "floor" }, "", HOST).catch(() => undefined),
    ],
    ["shorten by counter, anonymous, within a lease", [1, 0, 1, 0], counted(() => link())],
    ["shorten by counter, owned: a transaction", [1, 0, 4, 2], counted(() => link("ada"))],
    [
      "redirect, miss: an eventual read",
      [1, 0.5, 0, 0],
      async () => {
        const { code } = await link();
        return () => visit(code);
      },
    ],
    [
      "redirect, cached",
      [0, 0, 0, 0],
      async () => {
        const { code } = await link();
        await visit(code);
        return () => visit(code);
      },
    ],
    [
      "redirect, cached, later than a second after the news was heard: it is asked for once",
      [1, 0.5, 0, 0],
      async () => {
        const { code } = await link();
        await visit(code);
        world.advance(SYNC_MS);
        return () => visit(code).then(() => visit(code));
      },
    ],
    [
      "a hundred redirects of cached links in ten seconds: the news ten times",
      [10, 5, 0, 0],
      async () => {
        const codes = [(await link()).code, (await link()).code];
        for (const code of codes) await visit(code);
        return async () => {
          for (let n = 0; n < 100; n++) {
            world.advance(SYNC_MS / 10);
            await visit(codes[n % 2] ?? "");
          }
        };
      },
    ],
    [
      "redirect, miss, however long ago the news was heard",
      [1, 0.5, 0, 0],
      async () => {
        const [{ code }, other] = [await link(), await link()];
        await visit(other.code);
        world.advance(5 * SYNC_MS);
        return () => visit(code);
      },
    ],
    [
      "redirect of a link that was heard to have changed: a strong read, and the news",
      [2, 1.5, 0, 0],
      async () => {
        const user = newUser();
        const { code, domain } = await link(user.id);
        await visit(code);
        await edit({ code, domain }, { redirect: 301 }, user, HOST);
        world.advance(SYNC_MS);
        return () => visit(code);
      },
    ],
    [
      "redirect with a click limit",
      [2, 0.5, 1, 0],
      async () => {
        const { code } = (await shorten({ url: newUrl(), max_clicks: 9 }, "", HOST)).link;
        return () => visit(code);
      },
    ],
    [
      "28 clicks of one link in a flush, the link on the work list already",
      [1, 0, 1, 0],
      async () => {
        const { id } = await link();
        await count(clicks(id, 1));
        return () => count(clicks(id, 28));
      },
    ],
    [
      "1 click, the first of its link this hour: one line on the work list besides",
      [2, 0, 2, 0],
      async () => {
        const { id } = await link();
        forgetListed();
        return () => count(clicks(id, 1));
      },
    ],
    [
      "get",
      [1, 0.5, 0, 0],
      async () => {
        const { code, domain } = await link();
        return () => find({ code, domain });
      },
    ],
    [
      "list a page",
      [1, 0.5, 0, 0],
      async () => {
        const { id } = newUser();
        for (let n = 0; n < 3; n++) await link(id);
        return () => list(id, { limit: 20 });
      },
    ],
    [
      "edit the title: a consistent read and a write to table and indexes",
      [2, 1, 1, 2],
      async () => {
        const user = newUser();
        const { code, domain } = await link(user.id);
        return () => edit({ code, domain }, { title: "Spring" }, user, HOST);
      },
    ],
    [
      "edit what visitors meet: and a line for all redirects to hear",
      [3, 1, 2, 2],
      async () => {
        const user = newUser();
        const { code, domain } = await link(user.id);
        return () => edit({ code, domain }, { disabled: true }, user, HOST);
      },
    ],
    [
      "delete: the link, its index entries, a line for the roll-up and one for all redirects to hear",
      [3, 0, 3, 2],
      async () => {
        const user = newUser();
        const { code, domain } = await link(user.id);
        return () => remove({ code, domain }, user);
      },
    ],
  ];

  it.each(rows)("%s", async (_name, [calls, rcu, wcu, indexWcu], prepare) => {
    process.env.CODE_STRATEGY = "hash";
    forgetLinkCache();
    const work = await prepare();
    const usage = await world.meter.measure(work);
    expect(usage).toMatchObject({ calls, rcu, wcu, indexWcu });
  });

  it("a lease of 1,000 makes a counter code cost a thousandth of a write", async () => {
    process.env.CODE_STRATEGY = "counter";
    const usage = await world.meter.measure(async () => {
      for (let n = 0; n < 2_000; n++) await nextCode();
    });
    expect(usage).toMatchObject({ calls: 2, wcu: 2 });
    const { Item } = await documents().send(new GetCommand({ TableName: world.table, Key: counterKey }));
    // The item shows the rate of leasing: size / (leasedAt − previousLeasedAt).
    expect(Item).toMatchObject({ leaseSize: 1_000, next: expect.any(Number) });
    expect(Date.parse(Item?.leasedAt)).toBeGreaterThanOrEqual(Date.parse(Item?.previousLeasedAt));
  });
});

type Cost = [calls: number, rcu: number, wcu: number, indexWcu: number];

const counted = (work: () => Promise<unknown>) => async () => {
  process.env.CODE_STRATEGY = "counter";
  await nextCode(); // the lease is taken
  return work;
};
