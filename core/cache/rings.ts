import type * as v from "valibot";
import { Problem } from "#core/kit/problem.ts";
import { nodeName, valkeySettings } from "#core/kit/valkey.ts";
import type { cacheApi } from "./api.schema.ts";
import type { Ring } from "./report.schema.ts";
import { createRing, POINTS } from "./ring.schema.ts";

type Query = v.InferOutput<(typeof cacheApi.ring)["query"]>;

const MAX_NODES = 32; // of 4,096 points each at the most: a ring is made in a fifth of a second
const MAX_POINTS = 4_096;

const listed = (text: string | undefined) => (text ?? "").split(",").filter((part) => part !== "");

/** `host:port` of the servers configured. */
const configured = () => (valkeySettings()?.nodes ?? []).map(nodeName);

/** The ring over the nodes named, or those configured, and who owns the keys asked for. */
export const ring = ({ nodes, keys, points }: Query): Ring => {
  const members = nodes === undefined ? configured() : listed(nodes);
  if (members.length > MAX_NODES) throw refused("nodes", `At most ${MAX_NODES} nodes`);
  if (new Set(members).size < members.length) throw refused("nodes", "A node is named twice");
  const each = points === undefined ? POINTS : Number(points);
  if (each < 1 || each > MAX_POINTS) throw refused("points", `1 to ${MAX_POINTS} points`);
  if (members.length === 0) return { nodes: [], keys: [] };
  const made = createRing(members, each);
  const shares = made.shares();
  return {
    nodes: made.nodes.map((node) => ({ node, share: shares.get(node) ?? 0, points: each })),
    keys: listed(keys).map((key) => ({ key, node: made.owner(key) })),
  };
};

const refused = (parameter: string, message: string) =>
  new Problem("invalid-request", `query /${parameter}: ${message}`, {
    issues: [{ in: "query", pointer: `/${parameter}`, message }],
  });
