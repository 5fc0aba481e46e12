import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shorten } from "../../core/shortener/creation.ts";
import type { LinkItem } from "../../core/shortener/link.model.ts";
import { find } from "../../core/shortener/links.ts";
import { strict } from "../../core/shortener/page-fetch.ts";
import { addPreview } from "../../core/shortener/previewing.ts";
import { startShortener } from "../kit/shortener.ts";

describe("a link's preview", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  let site: Server;
  let base: string;
  let rules: typeof strict;
  beforeAll(async () => {
    world = await startShortener();
    site = createServer((request, answer) => {
      answer.writeHead(200, { "content-type": "text/html" }).end(`<title>Page ${request.url}</title>`);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => site.once("listening", resolve));
    const { port } = site.address() as AddressInfo;
    base = `http://127.0.0.1:${port}`;
    rules = { ...strict, allowed: ["127.0.0.0/8"], ports: [port] };
  });
  afterAll(async () => {
    site.closeAllConnections();
    site.close();
    await world.stop();
  });

  const eventOf = ({ id, domain, code, url }: LinkItem) => ({ id, domain, code, owner: null, url });
  const make = async (path: string) => (await shorten({ url: `${base}${path}` }, "ada", "go.test")).link;

  it("is kept, and a second delivery of the event changes nothing", async () => {
    const link = await make("/a");
    await addPreview(eventOf(link), rules);
    await addPreview(eventOf(link), rules);
    expect(await find(link, true)).toMatchObject({ preview: { title: "Page /a" }, revision: 1 });
  });

  it("of a page inside is not fetched, and the link stays as it is", async () => {
    const link = await make("/inside");
    await addPreview(eventOf(link));
    expect((await find(link, true))?.preview).toBeUndefined();
  });

  it("is not given to a link that leads elsewhere by now, nor to the next holder of its code", async () => {
    const link = await make("/b");
    await addPreview({ ...eventOf(link), url: `${base}/old` }, rules);
    await addPreview({ ...eventOf(link), id: "lnk_other" }, rules);
    expect((await find(link, true))?.preview).toBeUndefined();
  });

  it("of a link that is gone makes no new item", async () => {
    await addPreview({ id: "lnk_x", domain: "go.test", code: "never", owner: null, url: `${base}/c` }, rules);
    expect(await find({ domain: "go.test", code: "never" }, true)).toBeUndefined();
  });
});
