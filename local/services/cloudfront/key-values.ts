import { fields, text } from "../../front/read.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Site } from "./sites.ts";

/** What a CloudFront KeyValueStore answers. */
export interface KeyValues {
  get(key: string): string | undefined;
  count(): number;
}

/**
 * The key-value stores of the graph, by ARN. SST writes them with two dynamic resources, told apart by shape: one sets a
 * namespace's entries, the other adds one entry to a namespace's list of routes. Keys of a site whose build folder is known
 * are read from the folder as it is now: a rebuild is a deploy.
 */
export const readKeyValueStores = (graph: Graph, sites: readonly Site[]): Map<string, KeyValues> => {
  const stores = new Map<string, Map<string, string>>();
  const lists = new Map<string, string[]>();
  const storeOf = (arn: string) => {
    const store = stores.get(arn) ?? new Map<string, string>();
    stores.set(arn, store);
    return store;
  };
  for (const { inputs } of graph.resources) {
    const arn = text(inputs.store);
    const namespace = text(inputs.namespace);
    if (!arn || !namespace) continue;
    const store = storeOf(arn);
    for (const [key, value] of Object.entries(fields(inputs.entries))) {
      store.set(`${namespace}:${key}`, typeof value === "string" ? value : JSON.stringify(value));
    }
    const entry = text(inputs.entry);
    if (!entry || !text(inputs.key)) continue;
    const key = `${namespace}:${inputs.key}`;
    const list = [...(lists.get(`${arn} ${key}`) ?? []), entry];
    lists.set(`${arn} ${key}`, list);
    store.set(key, JSON.stringify(list));
  }
  const live = new Map(sites.map((site) => [site.namespace, site]));
  return new Map([...stores].map(([arn, store]) => [arn, withSites(store, live)]));
};

const withSites = (store: ReadonlyMap<string, string>, live: ReadonlyMap<string, Site>): KeyValues => ({
  get(key) {
    const at = key.indexOf(":");
    const site = live.get(key.slice(0, at));
    if (!site?.exists()) return store.get(key);
    const name = key.slice(at + 1);
    if (name === "metadata") return site.metadata();
    return site.keys().has(name) ? "s3" : undefined;
  },
  count: () => store.size,
});
