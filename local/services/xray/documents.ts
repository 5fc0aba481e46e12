import * as v from "valibot";
import type { Span } from "../../kit/recorder.ts";

// Source: "AWS X-Ray segment documents", AWS X-Ray developer guide.

const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, "must be 16 hexadecimal digits"));
const seconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const common = {
  id,
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  start_time: seconds,
  end_time: v.optional(seconds),
  in_progress: v.optional(v.boolean()),
  namespace: v.optional(v.string()),
  error: v.optional(v.boolean()),
  fault: v.optional(v.boolean()),
  throttle: v.optional(v.boolean()),
  cause: v.optional(v.unknown()),
  http: v.optional(v.object({ response: v.optional(v.object({ status: v.optional(v.number()) })) })),
  annotations: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
  subsegments: v.optional(v.array(v.unknown()), []),
};
const traceId = v.pipe(
  v.string(),
  v.regex(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/, "must be a trace id such as 1-58406520-a006649127e371903a2de979"),
);
const Segment = v.object({ ...common, trace_id: traceId, parent_id: v.optional(id) });
const Subsegment = v.object(common);

/** Deeper nesting belongs to no program; it would only exhaust the stack. */
const DEEPEST = 100;

type Part = v.InferOutput<typeof Subsegment>;

const causeOf = (part: Part): string | undefined => {
  if (!part.fault && !part.error && !part.throttle) return undefined;
  const exceptions = (part.cause as { exceptions?: { type?: unknown; message?: unknown }[] } | undefined)
    ?.exceptions;
  const first = Array.isArray(exceptions) ? exceptions[0] : undefined;
  if (first) return `${String(first.type ?? "Error")}: ${String(first.message ?? "")}`;
  return part.throttle ? "Throttled" : part.fault ? "Fault" : "Error";
};

const spanOf = (part: Part, trace: string, parentId: string | undefined, node: string): Span => {
  const error = causeOf(part);
  const { status } = part.http?.response ?? {};
  return {
    traceId: trace,
    id: part.id,
    ...(parentId ? { parentId } : {}),
    kind: "segment",
    node,
    name: part.name,
    start: Math.round(part.start_time * 1_000),
    durationMs: Math.max(0, ((part.end_time ?? part.start_time) - part.start_time) * 1_000),
    ...(error ? { error } : {}),
    detail: {
      ...(status === undefined ? {} : { status }),
      ...(part.namespace ? { namespace: part.namespace } : {}),
      ...(part.annotations ? { annotations: part.annotations } : {}),
    },
  };
};

const within = (
  parts: readonly unknown[],
  trace: string,
  parentId: string,
  node: string,
  depth: number,
): Span[] =>
  depth > DEEPEST
    ? []
    : parts.flatMap((raw) => {
        const read = v.safeParse(Subsegment, raw);
        if (!read.success) return [];
        const part = read.output;
        const own = part.in_progress ? [] : [spanOf(part, trace, parentId, node)];
        return [...own, ...within(part.subsegments, trace, part.id, node, depth + 1)];
      });

/** A document that X-Ray would not take. */
export class BadDocument extends Error {
  /** The segment's id, where it could be read. */
  readonly id: string | undefined;

  constructor(message: string, id?: string) {
    super(message);
    this.id = id;
  }
}

/**
 * The spans a segment document tells of: its own, unless it is still in progress, and its subsegments'. `node` is the ARN of
 * what sent it. Throws BadDocument.
 */
export const spansOf = (text: string, node: string): Span[] => {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new BadDocument("The document is not JSON.");
  }
  const read = v.safeParse(Segment, raw);
  if (!read.success) {
    const [issue] = read.issues;
    const known = (raw as { id?: unknown } | null)?.id;
    const message = `${v.getDotPath(issue) ?? "The document"}: ${issue.message}`;
    throw new BadDocument(message, typeof known === "string" ? known : undefined);
  }
  const { output } = read;
  const own = output.in_progress ? [] : [spanOf(output, output.trace_id, output.parent_id, node)];
  return [...own, ...within(output.subsegments, output.trace_id, output.id, node, 0)];
};

const ORIGINS: Readonly<Record<Span["kind"], string>> = {
  http: "AWS::ApiGateway::Stage",
  invoke: "AWS::Lambda::Function",
  aws: "AWS::Service",
  deliver: "AWS::Service",
  segment: "AWS::Lambda::Function",
};

/** A span as a segment document, for who reads traces by X-Ray's API. */
export const documentOf = (span: Span): string => {
  const { status } = span.detail;
  const client = status !== undefined && status >= 400 && status < 500;
  return JSON.stringify({
    id: span.id,
    trace_id: span.traceId,
    ...(span.parentId ? { parent_id: span.parentId } : {}),
    name: span.name.slice(0, 200),
    start_time: span.start / 1_000,
    end_time: (span.start + span.durationMs) / 1_000,
    origin: ORIGINS[span.kind],
    resource_arn: span.node,
    ...(status === undefined ? {} : { http: { response: { status } } }),
    ...(span.error === undefined ? {} : client ? { error: true } : { fault: true }),
    ...(status === 429 ? { throttle: true } : {}),
    ...(span.error === undefined ? {} : { cause: { exceptions: [{ message: span.error }] } }),
  });
};
