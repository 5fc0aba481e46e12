import type { Graph } from "../graph/graph.ts";
import { allEdges, edge } from "./edges.ts";
import type { MapEdge, Topology } from "./map.ts";
import { functionNodes, resourceNodes } from "./nodes.ts";

/** Who is connected to whom: read off the graph alone. Edges of one pair become one; their labels are joined. */
export const topology = (graph: Graph): Topology => {
  const nodes = [...resourceNodes(graph), ...functionNodes(graph)];
  const known = new Set(nodes.map((node) => node.id));
  const merged = new Map<string, MapEdge>();
  const all = allEdges(graph, nodes);
  for (const one of all.filter(({ from, to }) => known.has(from) && known.has(to))) {
    const labels = new Set([merged.get(one.id)?.label, one.label].filter((label) => label));
    merged.set(one.id, edge(one.from, one.to, labels.size > 0 ? [...labels].join(", ") : undefined));
  }
  return { nodes, edges: [...merged.values()] };
};
