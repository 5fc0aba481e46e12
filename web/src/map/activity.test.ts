import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createActivity } from "./activity.ts";
import type { MapNode, SystemMap } from "./map-data.ts";
import type { Span } from "./span.ts";

const node = (id: string, settings: MapNode["settings"] = {}): MapNode => ({
  id,
  type: "function",
  label: id,
  group: "",
  settings,
  x: 0,
  y: 0,
  width: 1,
  height: 1,
});
const map: SystemMap = {
  nodes: [node("api"), node("fn", { arn: "arn:fn" }), node("table")],
  edges: [
    { id: "api-fn", from: "api", to: "fn", points: [] },
    { id: "fn-table", from: "fn", to: "table", points: [] },
  ],
  width: 1,
  height: 1,
};
let count = 0;
const span = (part: Partial<Span>): Span => {
  count += 1;
  return {
    traceId: "t",
    id: `s${count}`,
    kind: "aws",
    node: "x",
    name: "n",
    start: 0,
    durationMs: 1,
    detail: {},
    ...part,
  };
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("a live span lights its node, where it came from and the wire between, for a moment", () => {
  const activity = createActivity(map);
  activity.add(span({ node: "arn:fn", from: "api" }), true);
  expect(["api", "fn", "api-fn"].map(activity.isLit)).toEqual([true, true, true]);
  expect(activity.isLit("table")).toBe(false);
  vi.advanceTimersByTime(3_000);
  expect(["api", "fn", "api-fn"].map(activity.isLit)).toEqual([false, false, false]);
});

it("a span without a cause of its own comes from where its parent was", () => {
  const activity = createActivity(map);
  activity.add(span({ id: "parent", node: "fn" }), true);
  activity.add(span({ node: "table", parentId: "parent" }), true);
  expect(activity.isLit("fn-table")).toBe(true);
});

it("spans of the past are listed and light nothing; listeners hear once of a burst", () => {
  const activity = createActivity(map);
  const heard = vi.fn();
  activity.subscribe(heard);
  for (let i = 0; i < 1_000; i += 1) activity.add(span({ node: "table" }), false);
  vi.advanceTimersByTime(100);
  expect(heard).toHaveBeenCalledTimes(1);
  expect(activity.spansOf("table")).toHaveLength(25);
  expect(activity.isLit("table")).toBe(false);
  expect(activity.total()).toBe(1_000);
});

it("what has no box is passed through: a rule's target comes from the bus, a stream's from the table", () => {
  const wide = {
    ...map,
    nodes: [node("bus"), node("target", { logs: "/aws/lambda/target" }), node("arn:table"), node("reader")],
    edges: [
      { id: "bus-target", from: "bus", to: "target", points: [] },
      { id: "table-reader", from: "arn:table", to: "reader", points: [] },
      { id: "target-reader", from: "target", to: "reader", points: [] },
    ],
  };
  const activity = createActivity(wide);
  activity.add(span({ id: "match", node: "arn:rule", from: "bus" }), true);
  activity.add(span({ node: "target", from: "arn:rule", parentId: "match" }), true);
  expect(activity.isLit("bus-target")).toBe(true);
  activity.add(span({ node: "reader", from: "arn:table/stream/2026" }), true);
  expect(activity.isLit("table-reader")).toBe(true);
  activity.add(span({ node: "reader", from: "arn:aws:logs:r:1:log-group:/aws/lambda/target" }), true);
  expect(activity.isLit("target-reader")).toBe(true);
  activity.stop();
});
