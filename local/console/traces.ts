import type { Span } from "../kit/recorder.ts";
import { Refusal } from "./http.ts";
import type { ConsolePart } from "./parts.ts";
import { linksOf, type Trace, type TraceStore } from "./trace-store.ts";

/** A trace in the list. */
export interface TraceSummary {
  readonly id: string;
  /** Of the span it began with. */
  readonly name: string;
  readonly kind: Span["kind"];
  readonly node: string;
  readonly status?: number;
  /** Epoch milliseconds. */
  readonly start: number;
  /** From the first span's start to the last one's end: what went on after the answer counts. */
  readonly durationMs: number;
  /** Of the span it began with: what the caller waited. */
  readonly answeredMs: number;
  readonly spans: number;
  readonly functions: readonly string[];
  readonly coldStarts: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly errors: number;
  readonly faults: number;
  readonly retries: number;
}

const PAGE = 50;
const MAX_PAGE = 200;

const initOf = ({ detail: { initMs } }: Span): number => initMs ?? 0;

/** The span a trace began with: one whose parent is not there, the earliest of them. */
export const rootOf = (spans: readonly Span[]): Span | undefined => {
  const ids = new Set(spans.map(({ id }) => id));
  const roots = spans.filter(({ parentId }) => parentId === undefined || !ids.has(parentId));
  return roots.reduce<Span | undefined>(
    (first, span) => (first && first.start <= span.start ? first : span),
    undefined,
  );
};

const sum = (spans: readonly Span[], of: (span: Span) => number | undefined): number =>
  spans.reduce((total, span) => total + (of(span) ?? 0), 0);

/** What people call a resource that spans name by its ARN: label and type, as on the map. */
export type Labels = ReadonlyMap<string, { readonly label: string; readonly type: string }>;

const functionsOf = (spans: readonly Span[], labels: Labels): string[] => {
  const invocations = spans.filter(({ kind }) => kind === "invoke");
  return [...new Set(invocations.map(({ node, name }) => labels.get(node)?.label ?? name))];
};

/** What the list shows of a trace; undefined for one that has no span. */
export const summarise = (
  { id, spans, dropped }: Trace,
  labels: Labels = new Map(),
): TraceSummary | undefined => {
  const root = rootOf(spans);
  if (!root) return undefined;
  const start = Math.min(...spans.map((span) => span.start - initOf(span)));
  const end = Math.max(...spans.map((span) => span.start + span.durationMs));
  // units are stated by the call and summed up by its invocation: count the calls alone
  const calls = spans.filter(({ kind }) => kind === "aws");
  return {
    id,
    name: root.kind === "invoke" ? (labels.get(root.node)?.label ?? root.name) : root.name,
    kind: root.kind,
    node: root.node,
    ...(root.detail.status === undefined ? {} : { status: root.detail.status }),
    start,
    durationMs: end - start,
    answeredMs: root.durationMs,
    spans: spans.length + dropped,
    functions: functionsOf(spans, labels),
    coldStarts: spans.filter((span) => span.detail.initMs !== undefined).length,
    readUnits: sum(calls, ({ detail }) => detail.readUnits),
    writeUnits: sum(calls, ({ detail }) => detail.writeUnits),
    errors: spans.filter(({ error }) => error !== undefined).length,
    faults: spans.filter(({ detail }) => detail.fault !== undefined).length,
    retries: spans.filter(({ detail }) => Number(detail.attempt ?? 1) > 1).length,
  };
};

type Test = (summary: TraceSummary) => boolean;

const numberOf = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Refusal(400, `${name} takes a number, not "${text}".`);
  return value;
};

const statusTest = (text: string): Test => {
  // `4xx` is any of them
  const wanted = /^([1-5])(xx|\d\d)$/i.exec(text);
  if (!wanted) throw new Refusal(400, `status takes a number or 4xx, not "${text}".`);
  const [, first, rest] = wanted;
  return ({ status }) =>
    status !== undefined &&
    (rest?.toLowerCase() === "xx" ? Math.floor(status / 100) === Number(first) : String(status) === text);
};

/** A file that the edge answered by itself. */
const isFile = ({ kind, node, spans, errors }: TraceSummary) =>
  kind === "http" && spans === 1 && errors === 0 && node.includes(":cloudfront:");

const testsOf = (query: URLSearchParams): readonly Test[] => {
  const path = query.get("path")?.toLowerCase();
  const fn = query.get("function")?.toLowerCase();
  const status = query.get("status");
  const [minMs, since] = [numberOf(query, "minMs"), numberOf(query, "since")];
  const tests: (Test | false | undefined)[] = [
    path ? ({ name }) => name.toLowerCase().includes(path) : undefined,
    fn ? ({ functions }) => functions.some((name) => name.toLowerCase().includes(fn)) : undefined,
    status ? statusTest(status) : undefined,
    query.get("error") === "1" && (({ errors, status: answered = 0 }) => errors > 0 || answered >= 500),
    query.get("files") === "0" && ((summary) => !isFile(summary)),
    minMs !== undefined && (({ durationMs }) => durationMs >= minMs),
    since !== undefined && (({ start }) => start >= since),
  ];
  return tests.filter((test): test is Test => typeof test === "function");
};

/** `GET /_local/traces`: the latest first, a page at a time; `cursor` is the last trace of the page before. */
export const listTraces = (store: TraceStore, query: URLSearchParams, labels?: Labels) => {
  const tests = testsOf(query);
  const limit = Math.min(Math.max(1, numberOf(query, "limit") ?? PAGE), MAX_PAGE);
  const after = query.get("cursor");
  const traces: TraceSummary[] = [];
  let past = after === null;
  for (const trace of store.latest()) {
    if (!past) {
      past = trace.id === after;
      continue;
    }
    const summary = summarise(trace, labels);
    if (!summary || !tests.every((test) => test(summary))) continue;
    if (traces.length === limit) return { traces, cursor: traces.at(-1)?.id };
    traces.push(summary);
  }
  return { traces };
};

/** More are not gathered: a busy queue would join everything to everything. */
const MAX_LINKED = 20;

/** The traces that link to `id`, those that link to them, and so on: what a message led to, hop by hop. */
const followers = (store: TraceStore, id: string): readonly Trace[] => {
  const found = new Map<string, Trace>();
  const open = [id];
  for (let next = open.shift(); next !== undefined && found.size < MAX_LINKED; next = open.shift()) {
    for (const trace of store.linkedTo(next)) {
      if (trace.id === id || found.has(trace.id) || found.size >= MAX_LINKED) continue;
      found.set(trace.id, trace);
      open.push(trace.id);
    }
  }
  return [...found.values()];
};

/** `GET /_local/traces/<id>`: every span of it, and those of the traces that its messages led to. */
export const oneTrace = (store: TraceStore, id: string, labels: Labels = new Map()) => {
  const trace = store.get(id);
  if (!trace) {
    throw new Refusal(404, `There is no trace ${id}: it never was, or newer ones took its place.`);
  }
  const causes = [...new Set(trace.spans.flatMap(linksOf))].filter((cause) => cause !== id);
  const linked = followers(store, id).map(({ id: other, spans }) => ({ id: other, spans }));
  const nodes = new Set([trace, ...linked].flatMap(({ spans }) => spans.map(({ node }) => node)));
  return {
    id,
    spans: trace.spans,
    dropped: trace.dropped,
    summary: summarise(trace, labels),
    linked,
    causes,
    labels: Object.fromEntries(labels.entries().filter(([node]) => nodes.has(node))),
  };
};

/** Traces as a part of the console. */
export const tracesPart = (store: TraceStore, labels: Labels): ConsolePart => ({
  name: "traces",
  views: {
    "": (query) => listTraces(store, query, labels),
    "*": (query) => oneTrace(store, query.get("*") ?? "", labels),
  },
});
