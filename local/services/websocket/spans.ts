import type { Cloud } from "../../kit/cloud.ts";
import { newSpanId, newTraceId, parseTraceHeader, traceHeader } from "../../kit/recorder.ts";
import type { Call, Peer } from "./context.ts";

/** A trace that begins here, or goes on from the header a client sent. */
export const beginTrace = (nowMs: number, given?: string): string => {
  const { traceId } = parseTraceHeader(given);
  const own = traceId && /^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(traceId) ? traceId : newTraceId(nowMs);
  return traceHeader(own, newSpanId());
};

/** Records a call that has ended: its span is the parent its trace header names. */
export const recordCall = (cloud: Cloud, call: Call, status: number, began: number): void => {
  const { traceId = "", parentId: id = newSpanId() } = parseTraceHeader(call.trace);
  const { connectionId, api } = call.peer;
  cloud.recorder.record({
    traceId,
    id,
    kind: "http",
    node: api.arn,
    name: call.eventType === "MESSAGE" ? `MESSAGE ${call.routeKey}` : call.routeKey,
    start: call.timeMs,
    durationMs: performance.now() - began,
    ...(call.error ? { error: call.error.message } : {}),
    detail: {
      status,
      requestId: call.requestId,
      connectionId,
      ...(call.body === undefined ? {} : { bytes: Buffer.byteLength(call.body) }),
    },
  });
};

/** Records a message that went out to a client: as an answer to its own, or posted by whoever `from` names. */
export const recordSend = (
  cloud: Cloud,
  peer: Peer,
  sent: { readonly bytes: number; readonly trace?: string; readonly from?: string; readonly ok: boolean },
): void => {
  const start = cloud.clock.now();
  const { traceId = newTraceId(start), parentId } = parseTraceHeader(sent.trace);
  cloud.recorder.record({
    traceId,
    id: newSpanId(),
    ...(parentId ? { parentId } : {}),
    kind: "deliver",
    node: peer.api.arn,
    ...(sent.from ? { from: sent.from } : {}),
    name: "websocket:Send",
    start,
    durationMs: 0,
    ...(sent.ok ? {} : { error: "The client has gone" }),
    detail: { connectionId: peer.connectionId, bytes: sent.bytes },
  });
};
