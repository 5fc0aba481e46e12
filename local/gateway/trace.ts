import type { AwsRequest } from "../kit/cloud.ts";
import { newSpanId, newTraceId, parseTraceHeader, type Span, traceHeader } from "../kit/recorder.ts";

/** Where a call stands in its trace. */
export type Position = Pick<Span, "traceId" | "id" | "parentId">;

/**
 * Gives a call its span, and hands the service a trace header whose parent is that span: what the call triggers comes to
 * stand under the call, not beside it. A call that brought no header hands none on, as AWS would not; its place is in
 * `trace` alone.
 */
export const placeInTrace = (
  request: AwsRequest,
  nowMs: number,
): { readonly position: Position; readonly request: AwsRequest } => {
  const header = request.headers["x-amzn-trace-id"];
  const { traceId = newTraceId(nowMs), parentId } = parseTraceHeader(header);
  const id = newSpanId();
  const position = { traceId, id, ...(parentId ? { parentId } : {}) };
  const trace = traceHeader(traceId, id);
  if (header === undefined) return { position, request: { ...request, trace } };
  return {
    position,
    request: { ...request, trace, headers: { ...request.headers, "x-amzn-trace-id": trace } },
  };
};

/** Which try of an SDK's this is, by the headers every SDK sends: tries of one call share an invocation id. */
export const attemptOf = ({ headers }: AwsRequest): { attempt?: number; invocationId?: string } => {
  const attempt = Number(/attempt=(\d+)/.exec(headers["amz-sdk-request"] ?? "")?.[1]);
  const invocationId = headers["amz-sdk-invocation-id"];
  return {
    ...(attempt > 0 ? { attempt } : {}),
    ...(invocationId ? { invocationId } : {}),
  };
};
