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

const jsonReport = (spec: FunctionSpec, report: Report, billedMs: number) => {
  const { requestId, durationMs, initMs, heapMb, traceId } = report;
  return {
    requestId,
    metrics: {
      durationMs: round(durationMs),
      billedDurationMs: billedMs,
      memorySizeMB: spec.memoryMb,
      maxMemoryUsedMB: heapMb,
      ...(initMs === undefined ? {} : { initDurationMs: round(initMs) }),
    },
    status: statusOf(report),
    ...(report.error ? { errorType: report.error.errorType } : {}),
    tracing: { traceId },
  };
};

const textReport = (spec: FunctionSpec, report: Report, billedMs: number) => {
  const { requestId, durationMs, initMs, heapMb } = report;
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${round(durationMs)} ms`,
    `Billed Duration: ${billedMs} ms`,
    `Memory Size: ${spec.memoryMb} MB`,
    `Max Memory Used: ${heapMb} MB`,
    ...(initMs === undefined ? [] : [`Init Duration: ${round(initMs)} ms`]),
  ];
  return [`END RequestId: ${requestId}`, fields.join("\t")];
};

/** Lambda's own lines about an environment's life, in the function's format. */
export const platformEvents = (spec: FunctionSpec, { logFormat, systemLevel }: LoggingConfig) => {
  const silent = (PRIORITY[systemLevel] ?? 3) > (PRIORITY.INFO ?? 3);
  const write = (nowMs: number, type: string, record: object, lines: string[]): LogEvent[] => {
    if (logFormat === "Text") return lines.map((message) => ({ timestamp: nowMs, message }));
    const time = new Date(nowMs).toISOString();
    return silent ? [] : [{ timestamp: nowMs, message: JSON.stringify({ time, type, record }) }];
  };
  const init = {
    initializationType: "on-demand",
    phase: "init",
    functionName: spec.name,
    functionVersion: "$LATEST",
    instanceMaxMemory: spec.memoryMb * 2 ** 20,
  };
  return {
    initStart: (nowMs: number) =>
      write(nowMs, "platform.initStart", init, [`INIT_START Runtime Version: ${spec.runtime}`]),
    start(nowMs: number, requestId: string) {
      const record = { requestId, functionArn: spec.arn, version: "$LATEST" };
      return write(nowMs, "platform.start", record, [`START RequestId: ${requestId} Version: $LATEST`]);
    },
    report(nowMs: number, report: Report) {
      const billedMs = Math.ceil(report.durationMs + (report.initMs ?? 0));
      const record = jsonReport(spec, report, billedMs);
      return write(nowMs, "platform.report", record, textReport(spec, report, billedMs));
    },
  };
};
