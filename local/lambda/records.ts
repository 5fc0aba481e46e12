import type { FunctionSpec } from "../graph/graph.ts";
import type { LogLine } from "./protocol.ts";
import type { LogEvent } from "./types.ts";
import type { LoggingConfig } from "./variables.ts";

const PRIORITY: Record<string, number> = { TRACE: 1, DEBUG: 2, INFO: 3, WARN: 4, ERROR: 5, FATAL: 6 };

const levelOf = (line: Record<string, unknown>): string =>
  typeof line.level === "string" ? line.level.toUpperCase() : "INFO";

const parseObject = (text: string): Record<string, unknown> | undefined => {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
};

/** A line of the function as its log event, or undefined when its level is below the function's. */
export const applicationEvent = (line: LogLine, logging: LoggingConfig): LogEvent | undefined => {
  // `console` filtered and shaped its own lines already.
  if (!line.raw || logging.logFormat === "Text") return { timestamp: line.timeMs, message: line.text };
  const parsed = parseObject(line.text);
  if (parsed) {
    const hidden = (PRIORITY[levelOf(parsed)] ?? 3) < (PRIORITY[logging.logLevel] ?? 1);
    return hidden ? undefined : { timestamp: line.timeMs, message: line.text };
  }
  const wrapped = {
    timestamp: new Date(line.timeMs).toISOString(),
    level: "INFO",
    requestId: line.requestId,
    message: line.text,
  };
  return { timestamp: line.timeMs, message: JSON.stringify(wrapped) };
};

/** Figures of a finished invocation. */
export interface Report {
  readonly requestId: string;
  readonly traceId: string;
  readonly durationMs: number;
  readonly initMs?: number;
  readonly heapMb: number;
  readonly error?: { readonly errorType: string };
}

const round = (ms: number) => Math.round(ms * 100) / 100;

const statusOf = ({ error }: Report) =>
  !error ? "success" : error.errorType === "Sandbox.Timedout" ? "timeout" : "error";

/** Writes Lambda's own lines about an environment's life, in the function's format. */
export const platformEvents = (spec: FunctionSpec, logging: LoggingConfig) => {
  const silent = (PRIORITY[logging.systemLevel] ?? 3) > (PRIORITY.INFO ?? 3);
  const json = (nowMs: number, type: string, record: object): LogEvent[] =>
    silent
      ? []
      : [
          {
            timestamp: nowMs,
            message: JSON.stringify({ time: new Date(nowMs).toISOString(), type, record }),
          },
        ];
  const text = (nowMs: number, ...lines: string[]): LogEvent[] =>
    lines.map((message) => ({ timestamp: nowMs, message }));
  const isJson = logging.logFormat === "JSON";
  const base = { functionName: spec.name, functionVersion: "$LATEST" };

  return {
    initStart: (nowMs: number): LogEvent[] =>
      isJson
        ? json(nowMs, "platform.initStart", {
            initializationType: "on-demand",
            phase: "init",
            ...base,
            instanceMaxMemory: spec.memoryMb * 2 ** 20,
          })
        : text(nowMs, `INIT_START Runtime Version: ${spec.runtime}`),
    start: (nowMs: number, requestId: string): LogEvent[] =>
      isJson
        ? json(nowMs, "platform.start", { requestId, functionArn: spec.arn, version: "$LATEST" })
        : text(nowMs, `START RequestId: ${requestId} Version: $LATEST`),
    report(nowMs: number, report: Report): LogEvent[] {
      const { requestId, durationMs, initMs, heapMb, traceId } = report;
      const billed = Math.ceil(durationMs + (initMs ?? 0));
      const metrics = {
        durationMs: round(durationMs),
        billedDurationMs: billed,
        memorySizeMB: spec.memoryMb,
        maxMemoryUsedMB: heapMb,
        ...(initMs === undefined ? {} : { initDurationMs: round(initMs) }),
      };
      if (isJson) {
        const errorType = report.error ? { errorType: report.error.errorType } : {};
        const record = { requestId, metrics, status: statusOf(report), ...errorType, tracing: { traceId } };
        return json(nowMs, "platform.report", record);
      }
      const init = initMs === undefined ? "" : `\tInit Duration: ${round(initMs)} ms`;
      return text(
        nowMs,
        `END RequestId: ${requestId}`,
        `REPORT RequestId: ${requestId}\tDuration: ${round(durationMs)} ms\tBilled Duration: ${billed} ms\t` +
          `Memory Size: ${spec.memoryMb} MB\tMax Memory Used: ${heapMb} MB${init}`,
      );
    },
  };
};
