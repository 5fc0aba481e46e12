import { expect, it } from "vitest";
import type { Span } from "../../map/span.ts";
import { extentOf, rowsOf } from "./rows.ts";
import type { Trace } from "./trace-data.ts";

const span = (id: string, given: Partial<Span> = {}): Span => ({
  traceId: "t",
  id,
  kind: "aws",
  node: "n",
  name: id,
  start: 100,
  durationMs: 10,
  detail: {},
  ...given,
});
const trace = (spans: Span[], linked: Trace["linked"] = []): Trace => ({
  id: "t",
  spans,
  dropped: 0,
  linked,
  causes: [],
  labels: {},
});
const shape = (rows: ReturnType<typeof rowsOf>) => rows.map((row) => `${row.level} ${row.span.id}`);

it("spans stand under their parents, by time, whatever order they ended in", () => {
  const spans = [
    span("late", { parentId: "root", start: 130 }),
    span("early", { parentId: "root", start: 110 }),
    span("deep", { parentId: "early", start: 112 }),
    span("root"),
  ];
  expect(shape(rowsOf(trace(spans), new Set()))).toEqual(["1 root", "2 early", "3 deep", "2 late"]);
  expect(shape(rowsOf(trace(spans), new Set(["early"])))).toEqual(["1 root", "2 early", "2 late"]);
  expect(rowsOf(trace(spans), new Set())[1]).toMatchObject({ place: 1, siblings: 2, children: 1 });
});

it("a span whose parent is gone is a root, and linked traces follow as roots of their own", () => {
  const linked = [{ id: "other", spans: [span("far", { traceId: "other", start: 500 })] }];
  const rows = rowsOf(trace([span("lone", { parentId: "forgotten" })], linked), new Set());
  expect(shape(rows)).toEqual(["1 lone", "1 far"]);
  expect(rows.map((row) => row.linked)).toEqual([false, true]);
});

it("tries of one call, and runs of one event, are counted", () => {
  const call = { invocationId: "i" };
  const spans = [
    span("first", { detail: call }),
    span("second", { start: 120, detail: { ...call, attempt: 2 } }),
    span("run", { kind: "invoke", detail: { requestId: "r" } }),
    span("other", { detail: { invocationId: "j" } }),
  ];
  const rows = rowsOf(trace(spans), new Set());
  expect(rows.map(({ span: { id }, attempt, attempts }) => `${id} ${attempt}/${attempts}`)).toEqual([
    "first 1/2",
    "run 1/1",
    "other 1/1",
    "second 2/2",
  ]);
});

it("time begins with the first cold start and ends with the last thing done", () => {
  const spans = [span("a", { detail: { initMs: 40 } }), span("b", { start: 150, durationMs: 25 })];
  expect(extentOf(trace(spans))).toEqual({ start: 60, ms: 115 });
  expect(extentOf(trace([]))).toEqual({ start: 0, ms: 1 });
});
