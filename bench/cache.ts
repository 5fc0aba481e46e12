import HashRing from "hashring";
import { createRing } from "#core/cache/ring.schema.ts";
import { startValkey } from "../test/kit/valkey.ts";
import { type Row, report, round } from "./kit/report.ts";
import { type CacheContender, caches } from "./peers/caches.ts";
import { type Pace, type Race, race } from "./peers/contender.ts";

const KEYS = 1_000;
const value = (n: number) => ({
  id: `item-${n}`,
  title: "A page of a catalogue",
  tags: ["a", "b"],
  price: n,
});
const keyOf = (n: number) => `item-${n % KEYS}`;

type Op = "get" | "getOrSet" | "set";

const workOf = ({ get, set, getOrSet }: CacheContender, op: Op) => {
  if (op === "get") return (n: number) => get(keyOf(n));
  if (op === "set") return (n: number) => set(keyOf(n), value(n));
  return getOrSet && ((n: number) => getOrSet(keyOf(n), () => value(n)));
};

/** All contenders of some tiers, one operation after the other, in turn. */
const compare = async (
  contenders: readonly CacheContender[],
  how: Race,
  columns: (op: Op, pace: Pace) => Row,
): Promise<Row[]> => {
  const rows: Row[] = contenders.map(({ tiers, library }) => ({ tiers, library }));
  for (const op of ["get", "getOrSet", "set"] as const) {
    const able = contenders.flatMap((one, index) => {
      const work = workOf(one, op);
      return work ? [{ index, work }] : [];
    });
    const paces = await race(
      able.map(({ work }) => work),
      how,
    );
    for (const [n, { index }] of able.entries()) {
      const pace = paces[n];
      if (pace) rows[index] = { ...rows[index], ...columns(op, pace) };
    }
  }
  return rows;
};

const nanoseconds = (op: Op, { perSecond }: Pace): Row => ({ [`${op} ns`]: Math.round(1e9 / perSecond) });
const spread = (op: Op, { perSecond, p50, p99 }: Pace): Row => ({
  [`${op}/s`]: perSecond,
  [`${op} p50 µs`]: p50,
  [`${op} p99 µs`]: p99,
});

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
    const of = (tiers: CacheContender["tiers"]) => all.filter((one) => one.tiers === tiers);
    const inMemory = { rounds: 5, times: 20_000, atOnce: 1 };
    const remote = { rounds: 5, times: 10_000, atOnce: 16 };
    report(
      "cache",
      "Cache: in memory, one after the other",
      await compare(of("memory"), inMemory, nanoseconds),
    );
    report(
      "cache-tiers",
      "Cache: a memory tier before Valkey, 16 at once",
      await compare(of("memory + Valkey"), remote, spread),
    );
    report("cache-valkey", "Cache: no memory tier, 16 at once", await compare(of("Valkey"), remote, spread));
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
