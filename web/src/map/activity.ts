import { useSyncExternalStore } from "react";
import type { SystemMap } from "./map-data.ts";
import type { Span } from "./span.ts";

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

/** A stream is its table, and a log group whose function writes it: neither has a box of its own. */
const boxOf = (arn: string): string =>
  arn.replace(/\/stream\/.*$/, "").replace(/^.*:log-group:(.+?)(?::\*)?$/, "log-group:$1");

/** Spans name resources by ARN or URN; a node answers to its id and to both of those among its settings. */
const nodeIndex = (map: SystemMap) => {
  const index = new Map<string, string>();
  for (const node of map.nodes) {
    for (const name of [node.settings.arn, node.settings.urn, node.id]) {
      if (typeof name === "string") index.set(name, node.id);
    }
    if (typeof node.settings.logs === "string") index.set(`log-group:${node.settings.logs}`, node.id);
  }
  return (arn: string | undefined) => (arn === undefined ? undefined : index.get(boxOf(arn)));
};

/** What is lit, and until when. Listeners hear at most once in 60 ms: a burst of clicks redraws once, not a thousand times. */
const createLights = () => {
  const until = new Map<string, number>();
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const now = performance.now();
    for (const [id, end] of until) if (end <= now) until.delete(id);
    for (const listener of listeners) listener();
    if (until.size > 0) soon(250);
  };
  const soon = (ms = 60) => {
    timer ??= setTimeout(flush, ms);
  };
  return {
    soon,
    light: (ids: readonly (string | undefined)[]) => {
      for (const id of ids) if (id !== undefined) until.set(id, performance.now() + litMs);
    },
    isLit: (id: string) => until.has(id),
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => clearTimeout(timer),
  };
};

/** Collects the spans that cross `map`. */
export const createActivity = (map: SystemMap): Activity => {
  const nodeOf = nodeIndex(map);
  const edges = new Map(map.edges.map((edge) => [`${edge.from} ${edge.to}`, edge.id]));
  const spans = new Map<string, readonly Span[]>();
  const nodeOfSpan = new Map<string, string>();
  const { soon, light, ...lights } = createLights();
  let total = 0;
  const place = (span: Span, node: string) => {
    nodeOfSpan.set(span.id, node);
    const oldest = nodeOfSpan.keys().next().value;
    if (nodeOfSpan.size > keptParents && oldest !== undefined) nodeOfSpan.delete(oldest);
  };
  const remember = (span: Span, node: string) => {
    place(span, node);
    spans.set(node, [span, ...(spans.get(node) ?? [])].slice(0, keptPerNode));
  };
  return {
    ...lights,
    add: (span, live) => {
      const node = nodeOf(span.node);
      const from = nodeOf(span.from) ?? nodeOfSpan.get(span.parentId ?? "");
      total += 1;
      soon();
      // What has no box (a rule, say) is passed through: what it caused comes from where it came from.
      if (node === undefined) return from === undefined ? undefined : place(span, from);
      remember(span, node);
      if (live) light([node, from, edges.get(`${from} ${node}`)]);
    },
    spansOf: (node) => spans.get(node) ?? noSpans,
    total: () => total,
  };
};

const noSpans: readonly Span[] = [];

/** Follows one fact of the activity; the component is drawn anew only when that fact changes. */
export const useActivity = <T>(activity: Activity, read: (activity: Activity) => T): T =>
  useSyncExternalStore(activity.subscribe, () => read(activity));
