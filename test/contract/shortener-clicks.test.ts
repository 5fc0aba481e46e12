import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { now } from "../../core/kit/clock.ts";
import { documents } from "../../core/kit/dynamo.ts";
import { createClickLog } from "../../core/shortener/click-log.ts";
import { forgetListed } from "../../core/shortener/counting.ts";
import { shorten } from "../../core/shortener/creation.ts";
import { nameOf, remove } from "../../core/shortener/links.ts";
import { rollUp } from "../../core/shortener/roll-up.ts";
import { stats } from "../../core/shortener/statistics.ts";
import type { Visitor } from "../../core/shortener/visitor.ts";
import { lambdaContext } from "../kit/http.ts";
import { newUrl, newUser, startShortener } from "../kit/shortener.ts";
import { shuffle } from "../kit/trouble.ts";

const HOST = "go.test";
const HOUR_MS = 3_600_000;
const AGENTS = {
  desktop:
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
  mobile:
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
  bot: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
};

type Handler = (event: unknown, context: unknown) => Promise<void>;

describe("clicks", () => {
  let world: Awaited<ReturnType<typeof startShortener>>;
  let countClicks: Handler;
  beforeAll(async () => {
    world = await startShortener();
    const module = await import("../../functions/shortener/count-clicks.ts");
    countClicks = module.handler as unknown as Handler;
  });
  afterAll(() => world.stop());

  const deliver = (lines: readonly string[]) => {
    const delivery = {
      messageType: "DATA_MESSAGE",
      logEvents: lines.map((message, index) => ({ id: String(index), timestamp: 0, message })),
    };
    const data = gzipSync(JSON.stringify(delivery)).toString("base64");
    return countClicks({ awslogs: { data } }, lambdaContext());
  };

  /** Clicks as five environments of the redirect log them: a fifth by bots, thirds by country. */
  const click = (link: string, howMany: number): string[] => {
    const lines: string[] = [];
    const logs = Array.from({ length: 5 }, () => createClickLog((line) => void lines.push(line)));
    for (let n = 0; n < howMany; n++) logs[n % 5]?.(link, visitorOf(n));
    return lines;
  };
  const visitorOf = (n: number): Visitor => ({
    ip: `203.0.113.${n % 250}`,
    userAgent: n % 5 === 0 ? AGENTS.bot : n % 2 === 0 ? AGENTS.desktop : AGENTS.mobile,
    acceptLanguage: "en",
    ...(n % 3 !== 0 && { country: n % 3 === 1 ? "DE" : "FR" }),
    ...(n % 4 === 0 && { referrer: "https://news.example/item" }),
  });

  const newLink = async () => {
    const user = newUser();
    const { link } = await shorten({ url: newUrl() }, user.id, HOST);
    return { user, link, read: (days = 2) => stats({ code: link.code, domain: link.domain }, user, days) };
  };

  /** What 5,000 clicks of `click` must come to. */
  const expected = (howMany: number) => {
    const people = Array.from({ length: howMany }, (_, n) => n).filter((n) => n % 5 !== 0);
    return {
      clicks: people.length,
      bots: howMany - people.length,
      countries: [
        { country: "DE", clicks: people.filter((n) => n % 3 === 1).length },
        { country: "FR", clicks: people.filter((n) => n % 3 === 2).length },
      ].sort((a, b) => b.clicks - a.clicks || (a.country < b.country ? -1 : 1)),
      devices: [
        { device: "desktop", clicks: people.filter((n) => n % 2 === 0).length },
        { device: "mobile", clicks: people.filter((n) => n % 2 !== 0).length },
      ].sort((a, b) => b.clicks - a.clicks),
      partial: false,
    };
  };

  const batches = (lines: readonly string[], size: number) =>
    Array.from({ length: Math.ceil(lines.length / size) }, (_, n) => lines.slice(n * size, (n + 1) * size));

  it("5,000 clicks of two days, delivered twice, overlapping and out of order, are exactly 5,000", async () => {
    const { link, read } = await newLink();
    const first = click(link.id, 2_500);
    world.advance(24 * HOUR_MS);
    const lines = [...first, ...click(link.id, 2_500)];
    const deliveries = shuffle([
      ...batches(lines, 400),
      ...batches(lines, 333),
      ...batches(shuffle(lines), 700),
    ]);
    await Promise.all(deliveries.map(deliver));
    const answer = await read();
    const half = expected(2_500);
    expect(answer.clicks + answer.bots).toBe(5_000);
    expect(answer.days.map(({ clicks, bots }) => [clicks, bots])).toEqual([
      [2_000, 500],
      [2_000, 500],
    ]);
    expect(answer.countries).toEqual(
      half.countries.map(({ country, clicks }) => ({ country, clicks: 2 * clicks })),
    );
    expect(answer.devices).toEqual(
      half.devices.map(({ device, clicks }) => ({ device, clicks: 2 * clicks })),
    );
    expect(answer.referrers).toContainEqual({ referrer: "news.example", clicks: 1_000 });
    world.advance(2 * HOUR_MS);
    await rollUp();
    const { days, ...folded } = await read(4);
    expect(folded).toEqual({ ...answer, days: undefined });
    expect(days.filter(({ clicks }) => clicks > 0)).toEqual(answer.days);
  });

  it.each(["before", "after"] as const)(
    "a delivery whose process dies %s one of its writes and is made again counts once",
    async (effect) => {
      const { link, read } = await newLink();
      const lines = click(link.id, 2_000);
      const { faults, restart } = world;
      let failures = 0;
      for (const batch of batches(lines, 500)) {
        // Nothing this process asks for happens after the crash, and Lambda delivers the batch again.
        faults.add({ on: { operation: "UpdateItem" }, when: { nth: 7 }, fault: { kind: "crash", effect } });
        await deliver(batch).catch(() => failures++);
        faults.clear();
        restart();
        forgetListed();
      }
      expect(failures).toBe(4);
      await Promise.all(batches(lines, 500).map(deliver));
      expect(await read()).toMatchObject(expected(2_000));
    },
  );

  it("a roll-up that races with deliveries and with another one neither loses nor doubles a click", async () => {
    const { link, read } = await newLink();
    const early = click(link.id, 1_000);
    await deliver(early);
    world.advance(HOUR_MS + 10 * 60_000);
    const late = click(link.id, 1_000);
    await Promise.all([rollUp(), deliver(early), ...batches(late, 100).map(deliver), rollUp()]);
    expect((await read()).clicks).toBe(1_600);
    world.advance(HOUR_MS + 10 * 60_000);
    await Promise.all([rollUp(), rollUp(), deliver(late)]);
    const answer = await read();
    expect([answer.clicks, answer.bots]).toEqual([1_600, 400]);
  });

  it("totals of past days are kept when their buckets are gone, and late arrivals are folded in", async () => {
    const { link, read } = await newLink();
    const lines = click(link.id, 500);
    await deliver(lines.slice(0, 300));
    world.advance(30 * HOUR_MS);
    await rollUp();
    expect((await read(4)).clicks + (await read(4)).bots).toBe(300);
    await deliver(lines); // a redelivery a day later, with the rest of the batch
    world.advance(2 * HOUR_MS);
    await rollUp();
    world.advance(48 * HOUR_MS); // only the totals answer for that day now
    const answer = await read(7);
    expect([answer.clicks, answer.bots]).toEqual([400, 100]);
    expect(answer.days.filter(({ clicks }) => clicks > 0)).toHaveLength(1);
  });

  it("clicks that arrive after the horizon are refused, so that no day is folded from a part", async () => {
    const { link, read } = await newLink();
    const lines = click(link.id, 100);
    await deliver(lines);
    world.advance(2 * HOUR_MS);
    await rollUp();
    world.advance(15 * 24 * HOUR_MS);
    await deliver(lines.slice(0, 10));
    world.advance(2 * HOUR_MS);
    await rollUp();
    expect((await read(20)).clicks).toBe(80);
  });

  it("a hot link is spread over shards, and all of them are read", async () => {
    const { link, read } = await newLink();
    const lines = click(link.id, 3_000); // within milliseconds
    const shards = new Set(lines.map((line) => JSON.parse(line).shard));
    expect(shards.size).toBeGreaterThan(1);
    await deliver(lines);
    expect(await read()).toMatchObject(expected(3_000));
    world.advance(2 * HOUR_MS);
    await rollUp();
    expect((await read()).clicks).toBe(2_400);
  });

  it("malformed lines are skipped and their neighbours counted", async () => {
    const { link, read } = await newLink();
    const lines = click(link.id, 10);
    await deliver(["not json", "{}", ...lines, '{"event":"link.clicked"}', "null"]);
    expect((await read()).clicks).toBe(8);
  });

  it("a code taken again does not inherit the clicks of the link before it, which are cleared away", async () => {
    const user = newUser();
    const custom_hash = `again${now()}`;
    const first = (await shorten({ url: newUrl(), custom_hash }, user.id, HOST)).link;
    await deliver(click(first.id, 100));
    world.advance(2 * HOUR_MS);
    await rollUp();
    await remove(nameOf(first.code, HOST), user);
    const second = (await shorten({ url: newUrl(), custom_hash }, user.id, HOST)).link;
    expect((await stats(nameOf(second.code, HOST), user, 30)).clicks).toBe(0);
    world.advance(2 * HOUR_MS);
    await rollUp();
    const { Items } = await scan(`STS#${first.id}`);
    expect(Items).toEqual([]);
  });

  const scan = async (pk: string) => {
    const { QueryCommand } = await import("@aws-sdk/lib-dynamodb");
    return documents().send(
      new QueryCommand({
        TableName: world.table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": pk },
      }),
    );
  };
});
