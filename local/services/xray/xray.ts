import * as v from "valibot";
import type { AwsRequest, AwsResponse, AwsService, Cloud } from "../../kit/cloud.ts";
import type { Span } from "../../kit/recorder.ts";
import { SAMPLING, startDaemon } from "./daemon.ts";
import { BadDocument, documentOf, spansOf } from "./documents.ts";

/** X-Ray, and where its daemon listens. */
export interface XRayService extends AwsService {
  readonly daemonAddress: string;
}

type XRayCloud = Pick<Cloud, "recorder" | "graph" | "print">;

class XRayError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(message: string, status = 400, code = "InvalidRequestException") {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const reply = (status: number, body: object, code?: string): AwsResponse => ({
  status,
  headers: { "content-type": "application/json", ...(code ? { "x-amzn-errortype": code } : {}) },
  body: JSON.stringify(body),
});

const Put = v.object({ TraceSegmentDocuments: v.pipe(v.array(v.string()), v.maxLength(50)) });
const Batch = v.object({
  TraceIds: v.pipe(v.array(v.string()), v.maxLength(5, "must be five trace ids at most")),
});
const Summaries = v.object({
  StartTime: v.number(),
  EndTime: v.number(),
  FilterExpression: v.optional(v.string()),
});

const read = <S extends v.GenericSchema>(schema: S, request: AwsRequest): v.InferOutput<S> => {
  let raw: unknown;
  try {
    raw = JSON.parse(request.body.toString("utf8") || "{}");
  } catch {
    throw new XRayError("The request body is not JSON.");
  }
  const result = v.safeParse(schema, raw);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new XRayError(`${v.getDotPath(issue) ?? "The request"}: ${issue.message}`);
};

const put = ({ recorder }: XRayCloud, request: AwsRequest): object => {
  const { TraceSegmentDocuments } = read(Put, request);
  const refused = TraceSegmentDocuments.flatMap((text) => {
    try {
      for (const span of spansOf(text, request.caller?.functionArn ?? "arn:aws:xray:::"))
        recorder.record(span);
      return [];
    } catch (error) {
      if (!(error instanceof BadDocument)) throw error;
      return [
        { ErrorCode: "InvalidDocument", Message: error.message, ...(error.id ? { Id: error.id } : {}) },
      ];
    }
  });
  return { UnprocessedTraceSegments: refused };
};

const byTrace = (spans: readonly Span[]): Map<string, Span[]> => Map.groupBy(spans, ({ traceId }) => traceId);

const endOf = (span: Span) => span.start + span.durationMs;
const lengthOf = (spans: readonly Span[]) =>
  (Math.max(...spans.map(endOf)) - Math.min(...spans.map(({ start }) => start))) / 1_000;

const batch = ({ recorder }: XRayCloud, request: AwsRequest): object => {
  const { TraceIds } = read(Batch, request);
  const traces = byTrace(recorder.recent());
  return {
    Traces: TraceIds.flatMap((Id) => {
      const spans = traces.get(Id);
      if (!spans) return [];
      const Segments = spans.map((span) => ({ Id: span.id, Document: documentOf(span) }));
      return [{ Id, Duration: lengthOf(spans), LimitExceeded: false, Segments }];
    }),
    UnprocessedTraceIds: TraceIds.filter((id) => !traces.has(id)),
  };
};

const summaries = ({ recorder }: XRayCloud, request: AwsRequest): object => {
  const { StartTime, EndTime, FilterExpression } = read(Summaries, request);
  if (StartTime >= EndTime) throw new XRayError("EndTime must be after StartTime.");
  if (FilterExpression)
    throw new XRayError("Filter expressions are not served locally: leave FilterExpression out.");
  const found = [...byTrace(recorder.recent())].filter(([, spans]) => {
    const start = (spans[0]?.start ?? 0) / 1_000;
    return start >= StartTime && start < EndTime;
  });
  const failed = (spans: readonly Span[], from: number, to: number) =>
    spans.some(({ error, detail: { status = 500 } }) => error !== undefined && status >= from && status < to);
  return {
    TraceSummaries: found.map(([Id, spans]) => ({
      Id,
      Duration: lengthOf(spans),
      ResponseTime: (spans.find(({ kind }) => kind === "http")?.durationMs ?? 0) / 1_000,
      HasFault: failed(spans, 500, 600),
      HasError: failed(spans, 400, 500),
      HasThrottle: failed(spans, 429, 430),
      IsPartial: false,
    })),
    TracesProcessedCount: found.length,
    ApproximateTime: EndTime,
  };
};

type Operation = (cloud: XRayCloud, request: AwsRequest) => object;

/** By path: the operation's name, and what it does. */
const operations: Readonly<Record<string, readonly [name: string, run: Operation]>> = {
  "/TraceSegments": ["PutTraceSegments", put],
  "/Traces": ["BatchGetTraces", batch],
  "/TraceSummaries": ["GetTraceSummaries", summaries],
  "/TelemetryRecords": ["PutTelemetryRecords", () => ({})],
  "/GetSamplingRules": ["GetSamplingRules", () => SAMPLING["/GetSamplingRules"] ?? {}],
  "/SamplingTargets": ["GetSamplingTargets", () => SAMPLING["/SamplingTargets"] ?? {}],
};

const answer = (cloud: XRayCloud, request: AwsRequest): AwsResponse => {
  const operation = Object.hasOwn(operations, request.path) ? operations[request.path] : undefined;
  try {
    if (!operation || request.method !== "POST")
      throw new XRayError(
        `The local cloud does not serve xray:${request.method} ${request.path}.`,
        501,
        "NotImplemented",
      );
    const [, run] = operation;
    return reply(200, run(cloud, request));
  } catch (error) {
    if (!(error instanceof XRayError)) throw error;
    return reply(error.status, { message: error.message }, error.code);
  }
};

/** X-Ray: segments of functions stand in their traces beside what the local cloud itself records. */
export const xray = async (cloud: XRayCloud): Promise<XRayService> => {
  let told = false;
  const daemon = await startDaemon((text) => {
    try {
      for (const span of spansOf(text, "arn:aws:xray:::")) cloud.recorder.record(span);
    } catch (error) {
      if (!(error instanceof BadDocument)) throw error;
      if (!told)
        cloud.print(`✗ xray: a segment was dropped: ${error.message} (further ones are dropped in silence)`);
      told = true;
    }
  });
  return {
    name: "xray",
    daemonAddress: daemon.address,
    handle: async (request) => answer(cloud, request),
    operations: Object.values(operations).map(([operation]) => `xray:${operation}`),
    stop: () => daemon.close(),
  };
};
