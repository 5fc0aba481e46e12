import ElkConstructor from "elkjs/lib/elk.bundled.js";
import type { ElkNode } from "elkjs/lib/elk-api.js";
import type { MapEdge, MapNode, Topology } from "./map.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The map with every box placed and every arrow bent, in pixels. */
export interface PlacedMap {
  readonly nodes: readonly (MapNode & Point & { readonly width: number; readonly height: number })[];
  readonly edges: readonly (MapEdge & { readonly points: readonly Point[] })[];
  readonly width: number;
  readonly height: number;
}

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.layered.spacing.nodeNodeBetweenLayers": "90",
  "elk.spacing.nodeNode": "22",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.separateConnectedComponents": "true",
};

const WIDTH = 210;
const HEIGHT = 56;

const toElk = (topology: Topology): ElkNode => ({
  id: "root",
  layoutOptions: OPTIONS,
  children: topology.nodes.map((node) => ({ id: node.id, width: WIDTH, height: HEIGHT })),
  edges: topology.edges.map((edge) => ({ id: edge.id, sources: [edge.from], targets: [edge.to] })),
});

/** Lays the map out once, at start: no browser pays for it. */
export const layout = async (topology: Topology): Promise<PlacedMap> => {
  const elk = new ElkConstructor.default();
  const placed: ElkNode = await elk.layout(toElk(topology));
  const at = new Map((placed.children ?? []).map((child) => [child.id, child]));
  const bends = new Map((placed.edges ?? []).map((edge) => [edge.id, edge.sections?.[0]]));
  return {
    nodes: topology.nodes.map((node) => {
      const { x = 0, y = 0 } = at.get(node.id) ?? {};
      return { ...node, x, y, width: WIDTH, height: HEIGHT };
    }),
    edges: topology.edges.map((edge) => {
      const section = bends.get(edge.id);
      const points = section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : [];
      return { ...edge, points };
    }),
    width: placed.width ?? 0,
    height: placed.height ?? 0,
  };
};
