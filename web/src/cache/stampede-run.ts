import { each, type Got, type Space } from "./cache-client.ts";

/** A reader of a stampede: from asking to its answer, in milliseconds since the first asked. */
export interface Reader {
  readonly from: number;
  readonly to: number;
  readonly got: Got;
}

/** What a load from the origin takes at least, so that readers meet in it. */
export const SLOW_MS = 500;
/** Readers of one stampede. */
export const READERS = 50;

const SIX = 6;

/**
 * Readers that can be under way at once: over HTTP/1.1 a browser opens six connections to an address, and all else would wait in
 * its own queue, unseen. HTTP/2 and 3 send all over one.
 */
export const together = (): number => {
  const [entry] = performance.getEntriesByType("navigation");
  const protocol = entry instanceof PerformanceNavigationTiming ? entry.nextHopProtocol : "";
  return /^h[23]/.test(protocol) ? READERS : SIX;
};

/** Reads a key that no tier holds, its record behind a slow origin; each reader is told of as its answer comes. */
export const stampede = async (
  space: Space,
  protect: boolean,
  signal: AbortSignal,
  tell: (reader: Reader, at: number) => void,
): Promise<readonly Reader[]> => {
  const query = {
    origin: "records",
    slow: String(SLOW_MS),
    ttl: "60000",
    protect: protect ? "true" : "false",
  } as const;
  const start = performance.now();
  return each(
    Array.from({ length: READERS }, (_, at) => at),
    together(),
    async (at) => {
      const from = performance.now() - start;
      const got = await space.get("cold", query, signal);
      const reader = { from, to: performance.now() - start, got };
      tell(reader, at);
      return reader;
    },
  );
};

/** Of readers: how many asked the origin, how many had an answer. */
export const loadsOf = (readers: readonly Reader[]) => ({
  loads: readers.filter(({ got }) => got.ok && got.data.loaded).length,
  answered: readers.filter(({ got }) => got.ok).length,
});
