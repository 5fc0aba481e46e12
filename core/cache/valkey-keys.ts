import type { Cluster, Redis } from "iovalkey";
import type { Valkey } from "#core/kit/valkey.ts";
import { send } from "./valkey-scripts.ts";

/** Keys looked at in a call. */
const COUNT = 1_000;

/** What has a meaning in MATCH stands for itself. */
const literally = (text: string) => text.replace(/[\\*?[\]]/g, "\\$&");

const serversOf = ({ clients }: Valkey): Redis[] =>
  clients.flatMap((client) => (client.isCluster ? (client as Cluster).nodes("master") : [client as Redis]));

/**
 * SCAN of every primary: keys of entries that begin so, each at least once. Those that are kept under a digest of their name
 * (half a surrogate pair) are not told: the name is nowhere.
 */
export const keysOn = async function* (valkey: Valkey, ours: string, prefix: string): AsyncGenerator<string> {
  const slot = valkey.mode === "cluster" ? "{*}" : "";
  const pattern = `${literally(ours)}${slot}E#${literally(prefix)}*`;
  for (const server of serversOf(valkey)) {
    let cursor = "0";
    do {
      const args = [cursor, "MATCH", pattern, "COUNT", COUNT];
      const [next, keys] = (await send(server, "scan", args)) as [Buffer, Buffer[]];
      for (const key of keys) yield String(key).slice(String(key).indexOf("E#", ours.length) + 2);
      cursor = String(next);
    } while (cursor !== "0");
  }
};
