import HashRing from "hashring";
import { createRing } from "#core/cache/ring.schema.ts";
import { startValkey } from "../test/kit/valkey.ts";
import { percentile, type Row, report, round } from "./kit/report.ts";
import { type CacheContender, caches } from "./peers/caches.ts";
import { timed } from "./peers/contender.ts";

const KEYS = 1_000;
const value = (n: number) => ({
  id: `item-${n}`,
  title: "A page of a catalogue",
  tags: ["a", "b"],
  price: n,
});
const keyOf = (n: number) => `item-${n % KEYS}`;

/** Nanoseconds of one call, one after the other: single calls of memory are below what a clock tells apart. */
const each = async (times: number, work: (n: number) => Promise<unknown>): Promise<number> => {
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) {
    const from = performance.now();
    for (let n = 0; n < times; n++) await work(n);
    rounds.push(((performance.now() - from) * 1e6) / times);
  }
  return percentile(rounds, 0.5);
};

const inMemory = async ({ library, tiers, get, set, getOrSet }: CacheContender): Promise<Row> => ({
  tiers,
  library,
  "get ns": Math.round(await each(100_000, (n) => get(keyOf(n)))),
  "getOrSet ns": getOrSet ? Math.round(await each(100_000, (n) => getOrSet(keyOf(n), () => value(n)))) : "",
  "set ns": tiers === "memory" ? Math.round(await each(20_000, (n) => set(keyOf(n), value(n)))) : "",
});

const remote = async ({ library, tiers, get, set, getOrSet }: CacheContender): Promise<Row> => {
  const figures = async (name: string, work?: (n: number) => Promise<unknown>): Promise<Row> => {
    if (!work) return {};
    const from = performance.now();
    const samples = await timed(20_000, 16, work);
    const seconds = (performance.now() - from) / 1_000;
    return {
      [`${name}/s`]: Math.round(samples.length / seconds),
      [`${name} p50 µs`]: round(percentile(samples, 0.5) * 1_000, 0),
      [`${name} p99 µs`]: round(percentile(samples, 0.99) * 1_000, 0),
    };
  };
  return {
    tiers,
    library,
    ...(await figures("get", (n) => get(keyOf(n)))),
    ...(await figures("getOrSet", getOrSet && ((n) => getOrSet(keyOf(n), () => value(n))))),
    ...(await figures("set", (n) => set(keyOf(n), value(n)))),
  };
};

const NODES = Array.from({ length: 10 }, (_, n) => `10.0.0.${n}:6379`);
const SAMPLES = Array.from({ length: 100_000 }, (_, n) => `key-${n}`);

/** How evenly 100,000 keys lie on ten nodes, and how many move when an eleventh comes. */
const ringRow = (library: string, make: (nodes: string[]) => (key: string) => string): Row => {
  const before = make(NODES);
  const after = make([...NODES, "10.0.0.10:6379"]);
  const loads = new Map<string, number>();
  let moved = 0;
  const from = performance.now();
  for (const key of SAMPLES) {
    const node = before(key);
    loads.set(node, (loads.get(node) ?? 0) + 1);
  }
  const took = performance.now() - from;
  for (const key of SAMPLES) if (before(key) !== after(key)) moved++;
  const fair = SAMPLES.length / NODES.length;
  const shares = NODES.map((node) => (loads.get(node) ?? 0) / fair - 1);
  return {
    library,
    "most above fair %": round(Math.max(...shares) * 100, 1),
    "most below fair %": round(Math.min(...shares) * 100, 1),
    "moved %": round((moved / SAMPLES.length) * 100, 2),
    "ideal moved %": round(100 / 11, 2),
    "ns a look-up": Math.round((took * 1e6) / SAMPLES.length),
  };
};

/** Tiers beside bentocache and cache-manager on the same server, and the ring beside hashring, in the same run. */
export const cache = async (): Promise<void> => {
  const valkey = await startValkey();
  const { all, stop } = await caches(valkey.url);
  try {
    for (const contender of all) for (let n = 0; n < KEYS; n++) await contender.set(keyOf(n), value(n));
    const local = all.filter(({ tiers }) => tiers !== "Valkey");
    const rows: Row[] = [];
    for (const contender of local) rows.push(await inMemory(contender));
    report("cache", "Cache: a hit in memory, one after the other", rows);
    const far: Row[] = [];
    for (const contender of all.filter(({ tiers }) => tiers === "Valkey")) far.push(await remote(contender));
    report("cache-valkey", "Cache: no memory tier, 16 at once", far);
    report("cache-ring", "Ring: 100,000 keys on ten nodes, then an eleventh", [
      ringRow("tenfold", (nodes) => {
        const ring = createRing(nodes);
        return (key) => ring.owner(key);
      }),
      ringRow("hashring", (nodes) => {
        const ring = new HashRing(nodes, "md5", { "max cache size": 1 });
        return (key) => ring.get(key);
      }),
    ]);
  } finally {
    await stop();
    await valkey.stop();
  }
};
