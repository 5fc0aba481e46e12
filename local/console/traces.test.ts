import { expect, it } from "vitest";
import { createRecorder, type Span } from "../kit/recorder.ts";
import { createTraceStore } from "./trace-store.ts";
import { listTraces, oneTrace } from "./traces.ts";

let count = 0;
const span = (traceId: string, given: Partial<Span> = {}): Span => ({
  traceId,
  id: `span${count++}`,
  kind: "http",
  node: "n",
  name: "GET /things",
  start: 1_000,
  durationMs: 10,
  detail: { status: 200 },
  ...given,
});

const open = (limits?: { spans: number; spansPerTrace: number }) => {
  const recorder = createRecorder();
  return { recorder, store: createTraceStore(recorder, limits) };
};
const ids = (store: ReturnType<typeof open>["store"], query = "") =>
  listTraces(store, new URLSearchParams(query)).traces.map(({ id }) => id);

it("a trace is told from its root to the end of what it led to", () => {
  const { recorder, store } = open();
  const root = span("t", { durationMs: 40 });
  recorder.record(
    span("t", {
      kind: "invoke",
      name: "f",
      parentId: root.id,
      start: 1_020,
      durationMs: 100,
      detail: { initMs: 30, readUnits: 2 },
    }),
  );
  recorder.record(
    span("t", {
      kind: "aws",
      name: "dynamodb:GetItem",
      start: 1_030,
      detail: { readUnits: 2, attempt: 2, fault: "throttle" },
      error: "no",
    }),
  );
  recorder.record(root);
  expect(listTraces(store, new URLSearchParams()).traces).toEqual([
    expect.objectContaining({
      id: "t",
      name: "GET /things",
      status: 200,
      start: 990,
      durationMs: 130,
      answeredMs: 40,
      functions: ["f"],
      coldStarts: 1,
      readUnits: 2,
      errors: 1,
      faults: 1,
      retries: 1,
    }),
  ]);
});

it("the latest come first, a page at a time, by whatever was asked for", () => {
  const { recorder, store } = open();
  recorder.record(span("a", { name: "GET /a" }));
  recorder.record(
    span("b", { name: "POST /b", detail: { status: 503 }, error: "HTTP 503", durationMs: 900 }),
  );
  recorder.record(span("c", { kind: "invoke", name: "app-Lend", detail: {} }));
  expect(ids(store)).toEqual(["c", "b", "a"]);
  expect(ids(store, "limit=2")).toEqual(["c", "b"]);
  expect(ids(store, "limit=2&cursor=b")).toEqual(["a"]);
  expect(ids(store, "path=/B")).toEqual(["b"]);
  expect(ids(store, "function=lend")).toEqual(["c"]);
  expect(ids(store, "status=5xx")).toEqual(["b"]);
  expect(ids(store, "status=200")).toEqual(["a"]);
  expect(ids(store, "error=1")).toEqual(["b"]);
  recorder.record(span("file", { node: "arn:aws:cloudfront::1:distribution/E" }));
  expect(ids(store, "limit=1")).toEqual(["file"]);
  expect(ids(store, "limit=1&files=0")).toEqual(["c"]);
  expect(ids(store, "minMs=500")).toEqual(["b"]);
  expect(() => ids(store, "minMs=much")).toThrow("minMs takes a number");
});

it("a batch's trace is shown with each of the traces whose messages it took", () => {
  const { recorder, store } = open();
  recorder.record(span("a"));
  recorder.record(span("b"));
  recorder.record(span("batch", { kind: "invoke", name: "f", detail: { links: ["a", "b"] } }));
  expect(oneTrace(store, "a").linked.map(({ id }) => id)).toEqual(["batch"]);
  expect(oneTrace(store, "batch").causes).toEqual(["a", "b"]);
  expect(() => oneTrace(store, "nothing")).toThrow("There is no trace nothing");
});

it("an hour of load keeps no more than the limit, and one endless trace no more than its own", () => {
  const { recorder, store } = open({ spans: 100, spansPerTrace: 20 });
  for (let i = 0; i < 5_000; i++) recorder.record(span(`t${Math.floor(i / 5)}`));
  expect(ids(store, "limit=200")).toHaveLength(20);
  expect(store.get("t0")).toBeUndefined();
  for (let i = 0; i < 50; i++) recorder.record(span("long"));
  expect(oneTrace(store, "long")).toMatchObject({ dropped: 30 });
  expect(oneTrace(store, "long").spans).toHaveLength(20);
});
