import type { Cluster, Redis } from "iovalkey";
import type { Valkey } from "#core/kit/valkey.ts";
import { type Argument, send } from "./valkey-scripts.ts";
import type { Shard } from "./valkey-shards.ts";

/** How many replicas must have a write before it counts, and how long they are waited for. */
export interface Durable {
  readonly replicas: number;
  readonly timeoutMs: number;
  /** For these writes alone: while WAIT waits, its connection carries nothing else. */
  readonly connections: Valkey;
}

/** CRC-16/XMODEM, by which the Redis cluster specification maps a key's hash tag to a slot. */
export const slotOf = (tag: string): number => {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc % 16_384;
};

/** The connection to the server that holds the shard's slot: WAIT speaks of what was written on the same one. */
const connection = ({ client, id }: Shard): Redis | undefined => {
  if (!client.isCluster) return client as Redis;
  const cluster = client as Cluster;
  const [primary] = cluster.slots[slotOf(id)] ?? [];
  return cluster.nodes("master").find(({ options }) => `${options.host}:${options.port}` === primary);
};

/** Throws where too few replicas have what was written before: it may be lost if the primary dies now. */
export const settle = async (shard: Shard, { replicas, timeoutMs }: Durable): Promise<void> => {
  const node = connection(shard);
  const wait: Argument[] = [replicas, timeoutMs];
  const reached = node ? Number(await send(node, "wait", wait)) : 0;
  if (reached < replicas) throw new Error(`Of ${replicas} replicas ${reached} have the write in time`);
};
