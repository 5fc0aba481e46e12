import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { Redis } from "iovalkey";
import { LRUCache } from "lru-cache";
import { createDynamoStore } from "#core/cache/dynamo-store.ts";
import type { CacheStore } from "#core/cache/store.ts";
import { createValkeyStore } from "#core/cache/valkey-store.ts";
import { now } from "#core/kit/clock.ts";
import { documents } from "#core/kit/dynamo.ts";
import { metrics } from "#core/kit/metrics.ts";
import { openValkey } from "#core/kit/valkey.ts";
import { type LinkName, linkKey } from "#core/shortener/link.keys.ts";
import {
  createLinkCache,
  type Followed,
  hearingTier,
  type LinkCache,
  sharedTier,
} from "#core/shortener/link-cache.ts";
import { find } from "#core/shortener/links.ts";
import { tellChanged } from "#core/shortener/telling.ts";
import { startValkey } from "../../test/kit/valkey.ts";
import { codeOf, fill } from "./links.ts";
import { CACHE, startTables, TABLE } from "./tables.ts";

/** Links of one environment, and how many of its redirects read the table and were answered by the tier that is shared. */
export interface Environment {
  read(name: LinkName): Promise<Pick<Followed, "url"> | null>;
  loads(): number;
  shared(): number;
}

/** One way to keep links. */
export interface Configuration {
  readonly name: string;
  readonly create: () => Environment;
  /** What an edit does besides its write. */
  readonly tell: (name: LinkName) => Promise<void>;
}

/** As redirects were before: 5,000 links of an environment for 3 s, unknown codes for 1 s, and nobody told of an edit. */
export const newBefore = (): Configuration => ({
  name: "before: memory of 3 s",
  create: () => {
    const cache = new LRUCache<string, { readonly link: Followed | null }>({
      max: 5_000,
      ttl: 3_000,
      ttlResolution: 0,
      perf: { now },
    });
    let loads = 0;
    return {
      read: async (name) => {
        const { pk } = linkKey(name.domain, name.code);
        const kept = cache.get(pk);
        if (kept) return kept.link;
        loads++;
        const link = (await find(name)) ?? null;
        cache.set(pk, { link }, { ttl: link === null ? 1_000 : 3_000 });
        return link;
      },
      loads: () => loads,
      shared: () => 0,
    };
  },
  tell: async () => {},
});

const toEnvironment = (links: LinkCache, isShared: boolean): Environment => {
  let loads = 0;
  return {
    read: async (name) => {
      const { link, loaded } = await links.read(name);
      if (loaded) loads++;
      return link;
    },
    loads: () => loads,
    shared: () => (isShared ? (links.stats?.().l2.hits ?? 0) : 0),
  };
};

/** A store whose deletions are in the feed at once: the consumer of the table's stream, had it no delay. */
const announcing = (table: string): CacheStore => {
  const store = createDynamoStore(table);
  return {
    ...store,
    delete: async (key, keptUntil) => {
      const version = await store.delete(key, keptUntil);
      await store.announce([{ id: `${key}/${version}`, key, version }]);
      return version;
    },
  };
};

/** 100,000 links in a real table, a real Valkey, and the ways to keep them. */
export const startRedirects = async (links: number) => {
  const world = await startTables();
  await fill(TABLE, links);
  const server = await startValkey();
  const valkey = await openValkey({ nodes: [server.url], mode: "single" });
  const client = new Redis(server.port);
  let valkeyCalls = 0;
  const counting = (store: CacheStore): CacheStore => {
    const counted = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
      return (...args: A): Promise<R> => {
        valkeyCalls++;
        return work(...args);
      };
    };
    const { get, fill: put, changes, marks } = store;
    return {
      ...store,
      get: counted(get),
      fill: counted(put),
      changes: counted(changes),
      marks: counted(marks),
    };
  };
  const shared = (name: string, open: () => CacheStore): Configuration => {
    const one = createLinkCache(sharedTier(open()));
    return {
      name,
      create: () => toEnvironment(createLinkCache(sharedTier(open())), true),
      tell: one.drop,
    };
  };
  const configurations: Configuration[] = [
    {
      name: "memory of a minute + feed",
      create: () => toEnvironment(createLinkCache(hearingTier()), false),
      tell: tellChanged,
    },
    shared("memory + Valkey", () => counting(createValkeyStore(valkey))),
    shared("memory + DynamoDB", () => announcing(CACHE)),
  ];
  let edits = 0;
  return {
    configurations,
    advance: (ms: number) => {
      metrics.clearMetrics(); // else each hundred would be a line on the screen
      world.advance(ms);
    },
    nameOf: (rank: number): LinkName => ({ domain: "*", code: codeOf(rank) }),
    /** The shared tiers are empty, and nothing was said of late. */
    empty: async () => {
      await client.flushall();
      metrics.clearMetrics();
      world.advance(3_600_000);
    },
    measure: async (work: () => Promise<void>) => {
      const before = valkeyCalls;
      const usage = await world.meter.measure(work);
      return { ...usage, valkey: valkeyCalls - before };
    },
    /** Another address; answers it. */
    edit: async ({ domain, code }: LinkName): Promise<string> => {
      const url = `https://example.com/edited/${++edits}`;
      await documents().send(
        new UpdateCommand({
          TableName: TABLE,
          Key: linkKey(domain, code),
          UpdateExpression: "SET #url = :url",
          ExpressionAttributeNames: { "#url": "url" },
          ExpressionAttributeValues: { ":url": url },
        }),
      );
      return url;
    },
    stop: async () => {
      client.disconnect();
      valkey.close();
      await server.stop();
      await world.stop();
    },
  };
};
