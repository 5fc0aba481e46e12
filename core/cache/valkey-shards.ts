import type { Valkey, ValkeyClient } from "#core/kit/valkey.ts";
import { safeName } from "./cache.keys.ts";
import { createRing, murmur3 } from "./ring.schema.ts";

/** Keys that share a feed: those of a server, or of one of sixty slots of a cluster. */
export interface Shard {
  readonly id: string;
  /** Of the primary. */
  readonly client: ValkeyClient;
  /** Of a replica, where there are any. */
  readonly reader: ValkeyClient;
  readonly feed: string;
  /** Before every key: the braces keep a cluster's keys in the slot of their feed, whatever braces a caller's key holds. */
  readonly prefix: string;
}

/** Where keys are. */
export interface Shards {
  readonly all: readonly Shard[];
  of(name: string): Shard;
  /** The owner, then `n - 1` more on other servers. */
  owners(name: string, n: number): readonly Shard[];
}

/**
 * A script changes an entry and its feed at once only where both are in one slot, and a reader asks every feed: sixty slots,
 * evenly spread, are dealt out evenly to 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60 primaries. More than sixty would idle. Each
 * names one of them: its CRC16 lies in the middle of the n-th sixtieth.
 */
export const TAGS =
  "j3b hcl 18e 3hk bcy q1g 1af 5nw 7zq 3f8 166 57t 7gz f5k 1o5 bop h6f 1mo 3yi b6s hoe 14l h85 7ks 332 dil ha6 72p 3j1 d0o 52l 7bb f0s 9c5 5ko b11 fip 7l1 5x7 9mf 34p 752 hft 1yu 3ms 5gf 77h fey 9r7 5zm 7nk fxr b3k 5i5 11t 3az bjh 506 1hw 38y".split(
    " ",
  );

const shard = (id: string, prefix: string, client: ValkeyClient, reader = client): Shard => ({
  id,
  client,
  reader,
  prefix,
  feed: `${prefix}F`,
});

const clusterShards = (prefix: string, client: ValkeyClient, reader?: ValkeyClient): Shards => {
  const all = TAGS.map((tag) => shard(tag, `${prefix}{${tag}}`, client, reader));
  const at = (index: number): Shard => {
    const found = all[index % all.length];
    if (!found) throw new RangeError("A cluster has slots");
    return found;
  };
  return {
    all,
    of: (name) => at(murmur3(name) % all.length),
    // as far apart as can be: whole primaries lie between them
    owners: (name, n) =>
      Array.from({ length: n }, (_, index) =>
        at((murmur3(name) % all.length) + Math.round((index * all.length) / n)),
      ),
  };
};

const ringShards = (prefix: string, { clients, names }: Valkey): Shards => {
  const all = clients.map((client, n) => shard(names[n] ?? `${n}`, prefix, client));
  const [only] = all;
  if (only && all.length === 1) return { all, of: () => only, owners: () => [only] };
  const byName = new Map(all.map((each) => [each.id, each]));
  const ring = createRing(all.map(({ id }) => id));
  const named = (id: string): Shard => {
    const found = byName.get(id);
    if (!found) throw new RangeError("The ring names a server that is not there");
    return found;
  };
  return {
    all,
    of: (name) => named(ring.owner(name)),
    owners: (name, n) => ring.owners(name, n).map(named),
  };
};

/** Slots of a cluster, or a ring over servers. */
export const createShards = (prefix: string, valkey: Valkey, replicas?: Valkey): Shards => {
  const [client] = valkey.clients;
  if (!client) throw new RangeError("Name at least one server of Valkey");
  return valkey.mode === "cluster"
    ? clusterShards(prefix, client, replicas?.clients[0])
    : ringShards(prefix, valkey);
};

/** Key of all marks of a shard, by the time of their last bump. */
export const marksAt = ({ prefix }: Shard): string => `${prefix}Z`;
/** Key of an entry, of a mark, and of a copy, in their shard. */
export const entryAt = ({ prefix }: Shard, key: string): string => `${prefix}E${safeName(key)}`;
export const markAt = ({ prefix }: Shard, mark: string): string => `${prefix}M${safeName(mark)}`;
export const copyAt = ({ prefix }: Shard, key: string): string => `${prefix}C${safeName(key)}`;
