import type { Recorder, Span } from "../kit/recorder.ts";

/** The spans of one trace, in the order they ended. */
export interface Trace {
  readonly id: string;
  readonly spans: readonly Span[];
  /** Spans beyond the limit of one trace: counted, not kept. */
  readonly dropped: number;
}

/** Spans by trace. */
export interface TraceStore {
  /** The trace whose first span came last comes first. */
  latest(): IterableIterator<Trace>;
  get(id: string): Trace | undefined;
  /** Traces with a span that names `id` among its links: what a batch did for several callers. */
  linkedTo(id: string): readonly Trace[];
  stop(): void;
}

/** Bounds on what is kept: an hour of load must not grow the process. */
export interface TraceLimits {
  readonly spans: number;
  readonly spansPerTrace: number;
}

const LIMITS: TraceLimits = { spans: 20_000, spansPerTrace: 2_000 };

interface Kept {
  readonly id: string;
  readonly spans: Span[];
  dropped: number;
}

/** Trace ids that a span names as its causes, beside its parent: of each message of a batch, say. */
export const linksOf = ({ detail: { links } }: Span): readonly string[] =>
  Array.isArray(links) ? links.filter((link) => typeof link === "string") : [];

/** Gathers the recorder's spans by trace; the traces whose first span is oldest go first when room is needed. */
export const createTraceStore = (recorder: Recorder, limits: TraceLimits = LIMITS): TraceStore => {
  const traces = new Map<string, Kept>();
  const consumers = new Map<string, Set<string>>();
  let total = 0;
  const forget = (trace: Kept) => {
    traces.delete(trace.id);
    consumers.delete(trace.id);
    total -= trace.spans.length;
  };
  const link = (span: Span) => {
    for (const cause of linksOf(span)) {
      const known = consumers.get(cause);
      if (known) known.add(span.traceId);
      else if (traces.has(cause)) consumers.set(cause, new Set([span.traceId]));
    }
  };
  const add = (span: Span) => {
    const trace = traces.get(span.traceId) ?? { id: span.traceId, spans: [], dropped: 0 };
    traces.set(span.traceId, trace);
    link(span);
    if (trace.spans.length >= limits.spansPerTrace) {
      trace.dropped += 1;
      return;
    }
    trace.spans.push(span);
    total += 1;
    for (const [, oldest] of traces) {
      if (total <= limits.spans) break;
      forget(oldest);
    }
  };
  for (const span of recorder.recent()) add(span);
  return {
    *latest() {
      yield* [...traces.values()].reverse();
    },
    get: (id) => traces.get(id),
    linkedTo: (id) => [...(consumers.get(id) ?? [])].flatMap((other) => traces.get(other) ?? []),
    stop: recorder.subscribe(add),
  };
};
