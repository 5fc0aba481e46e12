import type * as v from "valibot";
import { cacheApi } from "#core/cache/api.schema.ts";
import { call } from "../api/call.ts";
import type { Outcome } from "../api/send.ts";

export type Got = Outcome<typeof cacheApi.get>;
type GetQuery = v.InferInput<typeof cacheApi.get.query>;
type Entry = v.InferInput<typeof cacheApi.put.body>;
/** Where an answer came from. */
export type Tier = "l1" | "l2" | "origin";

/** What each tier is called. */
export const tierName: Readonly<Record<Tier, string>> = {
  l1: "L1 memory",
  l2: "L2 store",
  origin: "Origin",
};

const only = (signal?: AbortSignal) => (signal ? { signal } : {});

/** One of the own namespaces, by its operations. */
export interface Space {
  readonly namespace: string;
  get(key: string, query?: GetQuery, signal?: AbortSignal): Promise<Got>;
  /** The record behind an entry, past the cache. */
  record(key: string, signal?: AbortSignal): Promise<Outcome<typeof cacheApi.record>>;
  put(key: string, body: Entry, signal?: AbortSignal): Promise<Outcome<typeof cacheApi.put>>;
  remove(key: string, signal?: AbortSignal): Promise<Outcome<typeof cacheApi.remove>>;
  /** Drops what bears a tag; without one all there is. */
  drop(tag?: string, signal?: AbortSignal): Promise<Outcome<typeof cacheApi.invalidate>>;
}

/** Operations on a namespace. */
export const spaceOf = (namespace: string): Space => ({
  namespace,
  get: (key, query = {}, signal) =>
    call(cacheApi.get, { params: { namespace, key }, query, ...only(signal) }),
  record: (key, signal) => call(cacheApi.record, { params: { namespace, key }, ...only(signal) }),
  put: (key, body, signal) => call(cacheApi.put, { params: { namespace, key }, body, ...only(signal) }),
  remove: (key, signal) => call(cacheApi.remove, { params: { namespace, key }, ...only(signal) }),
  drop: (tag, signal) =>
    call(cacheApi.invalidate, {
      body: { namespace, ...(tag === undefined ? {} : { tag }) },
      ...only(signal),
    }),
});

/** A namespace nobody has used: what is measured in it is of this run alone. */
export const freshSpace = (what: string): Space => spaceOf(`${what}-${crypto.randomUUID().slice(0, 8)}`);

/** Runs `make` for each, `width` at once. */
export const each = async <T, R>(
  items: readonly T[],
  width: number,
  make: (item: T, at: number) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await make(item, at);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
};
