import type { Store } from "./types.ts";

/** How much a bucket holds. */
export interface BucketCount {
  readonly objects: number;
  /** Of the current versions. */
  readonly bytes: number;
}

const count = (store: Store, bucket: string): BucketCount => {
  let [objects, bytes] = [0, 0];
  for (const { versions } of store.keys(bucket)) {
    const [current] = versions;
    if (!current || current.marker) continue;
    objects += 1;
    bytes += current.size;
  }
  return { objects, bytes };
};

/** Counts what buckets hold: anew only after something in them changed, for a page that looks every few seconds. */
export const createCounts = (
  store: Store,
): { of(bucket: string): BucketCount; changed(bucket: string): void } => {
  const known = new Map<string, BucketCount>();
  return {
    of(bucket) {
      const found = known.get(bucket) ?? count(store, bucket);
      known.set(bucket, found);
      return found;
    },
    changed: (bucket) => void known.delete(bucket),
  };
};
