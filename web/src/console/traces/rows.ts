import type { Span } from "../../map/span.ts";
import type { Trace } from "./trace-data.ts";

/** A span as a row of the waterfall. */
export interface Row {
  readonly span: Span;
  /** Depth, from 1. */
  readonly level: number;
  /** Its place among its siblings, from 1, and how many there are. */
  readonly place: number;
  readonly siblings: number;
  readonly children: number;
  /** Of another trace, that messages or records of this one started. */
  readonly linked: boolean;
  /** Which try it was, from 1, of how many seen: of an SDK's call, or of an event that was run again. */
  readonly attempt: number;
  readonly attempts: number;
}

/** Where the time of a trace begins, and how long it is, ms. */
export interface Extent {
  readonly start: number;
  readonly ms: number;
}

/** Milliseconds of cold start before a span's own start. */
export const initOf = ({ detail: { initMs } }: Span): number => (typeof initMs === "number" ? initMs : 0);

const all = (trace: Trace): readonly Span[] => [
  ...trace.spans,
  ...trace.linked.flatMap(({ spans }) => spans),
];

/** From the first thing to the end of the last one. */
export const extentOf = (trace: Trace): Extent => {
  const spans = all(trace);
  if (spans.length === 0) return { start: 0, ms: 1 };
  const start = spans.reduce(
    (least, span) => Math.min(least, span.start - initOf(span)),
    Number.POSITIVE_INFINITY,
  );
  const end = spans.reduce((most, span) => Math.max(most, span.start + span.durationMs), 0);
  return { start, ms: Math.max(1, end - start) };
};

// Tries of an SDK's call share an invocation id; runs of an asynchronous event share the request's.
const tryKey = ({ kind, detail }: Span): string | undefined => {
  const id = kind === "aws" ? detail.invocationId : kind === "invoke" ? detail.requestId : undefined;
  return typeof id === "string" ? `${kind} ${id}` : undefined;
};

const triesOf = (spans: readonly Span[]): ReadonlyMap<string, readonly Span[]> =>
  Map.groupBy(
    spans.filter((span) => tryKey(span) !== undefined),
    (span) => tryKey(span) ?? "",
  );

/** The tree, top down, each level by time; what is under a span of `closed` is left out. */
export const rowsOf = (trace: Trace, closed: ReadonlySet<string>): readonly Row[] => {
  const spans = all(trace).toSorted((a, b) => a.start - b.start);
  const known = new Set(spans.map(({ id }) => id));
  const tries = triesOf(spans);
  const under = Map.groupBy(spans, ({ parentId }) =>
    parentId !== undefined && known.has(parentId) ? parentId : "",
  );
  const rows: Row[] = [];
  const add = (parent: string, level: number) => {
    const siblings = under.get(parent) ?? [];
    for (const [i, span] of siblings.entries()) {
      const same = tries.get(tryKey(span) ?? "") ?? [span];
      rows.push({
        span,
        level,
        place: i + 1,
        siblings: siblings.length,
        children: under.get(span.id)?.length ?? 0,
        linked: span.traceId !== trace.id,
        attempt: same.indexOf(span) + 1,
        attempts: same.length,
      });
      if (!closed.has(span.id)) add(span.id, level + 1);
    }
  };
  add("", 1);
  return rows;
};
