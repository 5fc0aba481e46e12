import { randomBytes } from "node:crypto";

/** One thing that happened: a request at the front door, an invocation, an AWS call, a delivery by a trigger, a segment code sent. */
export interface Span {
  /** X-Ray trace id, `1-<8 hex epoch>-<24 hex>`. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly id: string;
  readonly parentId?: string;
  readonly kind: "http" | "invoke" | "aws" | "deliver" | "segment";
  /** ARN (or URN) of the resource that did the work: the node that lights up on the map. */
  readonly node: string;
  /** ARN of the resource that caused it, for the edge. */
  readonly from?: string;
  /** What was done: `GET /api/v1/links`, `dynamodb:GetItem`, function name. */
  readonly name: string;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly durationMs: number;
  readonly error?: string;
  readonly detail: {
    readonly status?: number;
    /** Milliseconds of init; present on a cold start only. */
    readonly initMs?: number;
    readonly readUnits?: number;
    readonly writeUnits?: number;
    /** AWS calls made by an invocation. */
    readonly calls?: number;
    readonly requestId?: string;
    readonly [extra: string]: unknown;
  };
}

export interface Recorder {
  record(span: Span): void;
  /** The latest spans, oldest first. */
  recent(): readonly Span[];
  subscribe(listener: (span: Span) => void): () => void;
}

/** Keeps the last `limit` spans in memory: a ring, so that an hour of load does not grow the process. */
export const createRecorder = (limit = 5_000): Recorder => {
  const ring: Span[] = [];
  const listeners = new Set<(span: Span) => void>();
  return {
    record(span) {
      ring.push(span);
      if (ring.length > limit * 2) ring.splice(0, ring.length - limit);
      for (const listener of listeners) listener(span);
    },
    recent: () => ring.slice(-limit),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};

/** A span's id. */
export const newSpanId = (): string => randomBytes(8).toString("hex");

/** A trace's id, as X-Ray writes it. */
export const newTraceId = (nowMs: number): string =>
  `1-${Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, "0")}-${randomBytes(12).toString("hex")}`;

/** Reads `Root=…;Parent=…;Sampled=1`. */
export const parseTraceHeader = (header: string | undefined): { traceId?: string; parentId?: string } => {
  const parts = Object.fromEntries((header ?? "").split(";").map((p) => p.trim().split("=", 2)));
  return {
    ...(parts.Root ? { traceId: parts.Root } : {}),
    ...(parts.Parent ? { parentId: parts.Parent } : {}),
  };
};

/** Writes the header that carries a trace on. */
export const traceHeader = (traceId: string, parentId: string): string =>
  `Root=${traceId};Parent=${parentId};Sampled=1`;
