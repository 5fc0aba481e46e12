import { useSyncExternalStore } from "react";
import type { Span, SystemMap } from "./map-data.ts";

const litMs = 1_600;
const keptPerNode = 25;
const keptParents = 5_000;

/** What crossed the map: which nodes and edges are lit now, and the latest spans of each node. */
export interface Activity {
  add(span: Span, live: boolean): void;
  spansOf(node: string): readonly Span[];
  isLit(id: string): boolean;
  total(): number;
  subscribe(listener: () => void): () => void;
  stop(): void;
}

/** Spans name resources by ARN or URN; a node answers to its id and to both of those among its settings. */
const nodeIndex = (map: SystemMap) => {
  const index = new Map<string, string>();
  for (const node of map.nodes) {
    for (const name of [node.settings.arn, node.settings.urn, node.id]) {
      if (typeof name === "string") index.set(name, node.id);
    }
  }
  return index;
};

/** Collects spans and tells listeners at most once a frame: a burst of clicks redraws the map, not a thousand times. */
export const createActivity = (map: SystemMap): Activity => {
  const index = nodeIndex(map);
  const edges = new Map(map.edges.map((edge) => [`${edge.from} ${edge.to}`, edge.id]));
  const spans = new Map<string, readonly Span[]>();
  const lit = new Map<string, number>();
  const nodeOfSpan = new Map<string, string>();
  const listeners = new Set<() => void>();
  let total = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    timer = undefined;
    const now = performance.now();
    for (const [id, until] of lit) if (until <= now) lit.delete(id);
    for (const listener of listeners) listener();
    if (lit.size > 0) schedule(250);
  };
  const schedule = (ms: number) => {
    timer ??= setTimeout(flush, ms);
  };
  const remember = (span: Span, node: string) => {
    nodeOfSpan.set(span.id, node);
    const oldest = nodeOfSpan.keys().next().value;
    if (nodeOfSpan.size > keptParents && oldest !== undefined) nodeOfSpan.delete(oldest);
    spans.set(node, [span, ...(spans.get(node) ?? [])].slice(0, keptPerNode));
  };
  return {
    add: (span, live) => {
      const node = index.get(span.node);
      total += 1;
      if (node !== undefined) {
        remember(span, node);
        const from = index.get(span.from ?? "") ?? nodeOfSpan.get(span.parentId ?? "");
        const edge = edges.get(`${from} ${node}`);
        const until = performance.now() + litMs;
        if (live) for (const id of [node, from, edge]) if (id !== undefined) lit.set(id, until);
      }
      schedule(60);
    },
    spansOf: (node) => spans.get(node) ?? noSpans,
    isLit: (id) => lit.has(id),
    total: () => total,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => clearTimeout(timer),
  };
};

const noSpans: readonly Span[] = [];

/** Follows one fact of the activity; the component is drawn anew only when that fact changes. */
export const useActivity = <T>(activity: Activity, read: (activity: Activity) => T): T =>
  useSyncExternalStore(activity.subscribe, () => read(activity));
