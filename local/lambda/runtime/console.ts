import { format } from "node:util";
import type { LogLine } from "../protocol.ts";

/** Where the formatted lines go, and whose they are. */
export interface LogSink {
  post(line: LogLine): void;
  requestId(): string | undefined;
}

const PRIORITY: Record<string, number> = { TRACE: 1, DEBUG: 2, INFO: 3, WARN: 4, ERROR: 5, FATAL: 6 };
const METHODS = {
  trace: "TRACE",
  debug: "DEBUG",
  info: "INFO",
  log: "INFO",
  warn: "WARN",
  error: "ERROR",
  fatal: "FATAL",
} as const;

const errorReplacer = (_key: string, value: unknown): unknown =>
  value instanceof Error
    ? {
        errorType: value.constructor?.name ?? "UnknownError",
        errorMessage: value.message,
        stackTrace: value.stack?.split("\n"),
        ...value,
      }
    : value;

const jsonLine = (head: Record<string, unknown>, message: unknown, params: unknown[]): string => {
  if (params.length === 0) {
    try {
      return JSON.stringify({ ...head, message }, errorReplacer);
    } catch {
      return JSON.stringify({ ...head, message: format(message) });
    }
  }
  const error = params.find((param) => param instanceof Error);
  const fields = error && {
    errorType: error.constructor?.name ?? "UnknownError",
    errorMessage: error.message,
    stackTrace: error.stack?.split("\n") ?? [],
  };
  return JSON.stringify({ ...head, message: format(message, ...params), ...fields });
};

/** Makes `console` write as Lambda's Node.js runtime does: one JSON object, or one tab-separated line, per call. */
export const patchConsole = (
  sink: LogSink,
  options: { logFormat: "JSON" | "Text"; logLevel: string },
): void => {
  const minimum = PRIORITY[options.logLevel.toUpperCase()] ?? PRIORITY.TRACE ?? 1;
  for (const [method, level] of Object.entries(METHODS)) {
    const write = (message?: unknown, ...params: unknown[]) => {
      const timestamp = new Date().toISOString();
      const requestId = sink.requestId();
      const text =
        options.logFormat === "JSON"
          ? jsonLine({ timestamp, level, requestId }, message, params)
          : [timestamp, requestId, level, format(message, ...params)].join("\t");
      sink.post({
        timeMs: Date.parse(timestamp),
        text: text.replaceAll("\n", "\r"),
        ...(requestId ? { requestId } : {}),
      });
    };
    const silent = (PRIORITY[level] ?? 0) < minimum;
    Object.defineProperty(console, method, {
      value: silent ? () => {} : write,
      writable: true,
      configurable: true,
    });
  }
};

/** What the runtime itself logs about a failure: the error alone in JSON, a labelled one-line object in text. */
export const logError = (label: string, thrown: unknown, logFormat: "JSON" | "Text"): void => {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (logFormat === "JSON") {
    console.error(error);
    return;
  }
  const fields = {
    errorType: error.name,
    errorMessage: error.message,
    ...error,
    stack: error.stack?.split("\n"),
  };
  console.error(label, `\t${JSON.stringify(fields)}`);
};

/** Sends what is written to stdout and stderr directly (Powertools does) line by line. */
export const captureStreams = (sink: LogSink): void => {
  for (const stream of [process.stdout, process.stderr]) {
    let rest = "";
    const write = (
      chunk: string | Uint8Array,
      encodingOrDone?: BufferEncoding | ((error?: Error | null) => void),
      done?: (error?: Error | null) => void,
    ): boolean => {
      const lines = (rest + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString())).split("\n");
      rest = lines.pop() ?? "";
      const requestId = sink.requestId();
      for (const text of lines.filter(Boolean))
        sink.post({ timeMs: Date.now(), text, raw: true, ...(requestId ? { requestId } : {}) });
      const callback = typeof encodingOrDone === "function" ? encodingOrDone : done;
      if (callback) queueMicrotask(() => callback());
      return true;
    };
    Object.defineProperty(stream, "write", { value: write, writable: true, configurable: true });
  }
};
