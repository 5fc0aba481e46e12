import * as v from "valibot";

const Line = v.object({
  id: v.string(),
  timestamp: v.number(),
  stream: v.string(),
  message: v.string(),
  trace: v.optional(v.string()),
  group: v.optional(v.string()),
});
/** A line of a log. */
export type Line = v.InferOutput<typeof Line>;

/** A page of lines, oldest first; `more` when older ones stand before it. */
export const Lines = v.object({ lines: v.array(Line), more: v.boolean() });

/** What functions wrote in one trace. */
export const TraceLines = v.object({ lines: v.array(Line) });

type Level = "debug" | "info" | "warn" | "error" | "platform";

/** A line as a reader sees it. */
export interface ReadLine {
  readonly level: Level;
  readonly text: string;
  /** The whole of a line that is JSON. */
  readonly json?: unknown;
}

const levels: Readonly<Record<string, Level>> = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  ERROR: "error",
  FATAL: "error",
  CRITICAL: "error",
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const parse = (text: string): unknown => {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const platformText = (json: Readonly<Record<string, unknown>>): string => {
  const record = isRecord(json.record) ? json.record : {};
  const metrics = isRecord(record.metrics) ? record.metrics : {};
  const took = metrics.durationMs === undefined ? "" : `, ${String(metrics.durationMs)} ms`;
  const init =
    metrics.initDurationMs === undefined ? "" : `, cold start ${String(metrics.initDurationMs)} ms`;
  const memory = metrics.maxMemoryUsedMB === undefined ? "" : `, ${String(metrics.maxMemoryUsedMB)} MB`;
  const status = record.status === undefined ? "" : ` ${String(record.status)}`;
  return `${String(json.type).replace("platform.", "")}${status}${took}${init}${memory}`;
};

const isHeader = (name: string) => name === "level" || name === "timestamp" || name === "time";

/** Metrics within a log line (the embedded metric format), as `measured LinkCacheMiss 1`. */
const measuredIn = (json: Readonly<Record<string, unknown>>): string | undefined => {
  const { CloudWatchMetrics: sets } = isRecord(json._aws) ? json._aws : {};
  if (!Array.isArray(sets)) return undefined;
  const metrics = sets.flatMap((set) => (isRecord(set) && Array.isArray(set.Metrics) ? set.Metrics : []));
  const names = metrics.flatMap((metric) => (isRecord(metric) ? [String(metric.Name)] : []));
  return `measured ${names.map((name) => `${name} ${JSON.stringify(json[name])}`).join(", ")}`;
};

/** `: Error: it broke`, where a line tells of an error under one of the names that loggers use. */
const errorIn = ({ error, err, exception }: Readonly<Record<string, unknown>>): string => {
  const told = [error, err, exception].find(isRecord);
  if (!told) return "";
  return [told.name ?? told.type, told.message].map((part) => (part ? `: ${String(part)}` : "")).join("");
};

const jsonLine = (json: Readonly<Record<string, unknown>>): ReadLine => {
  if (typeof json.type === "string" && json.type.startsWith("platform."))
    return { level: "platform", text: platformText(json), json };
  const level = levels[String(json.level).toUpperCase()] ?? "info";
  const { message } = json;
  if (typeof message === "string") return { level, text: `${message}${errorIn(json)}`, json };
  const rest = () => Object.fromEntries(Object.entries(json).filter(([name]) => !isHeader(name)));
  return { level, text: measuredIn(json) ?? JSON.stringify(message ?? rest()), json };
};

/** `2026-01-01T00:00:00.000Z <request id> INFO text`, as the Node runtime writes its lines. */
const TEXT = /^\S+T\S+Z\t\S+\t(\w+)\t(.*)$/s;
const PLATFORM = /^(INIT_START|START|END|REPORT) /;

/** Reads a line in any of the forms functions write them. */
export const readLine = (message: string): ReadLine => {
  const json = parse(message);
  if (isRecord(json)) return jsonLine(json);
  if (PLATFORM.test(message)) return { level: "platform", text: message.trimEnd() };
  const [, level, text] = TEXT.exec(message) ?? [];
  if (level === undefined || text === undefined) return { level: "info", text: message.trimEnd() };
  const inner = parse(text.trim());
  return {
    level: levels[level] ?? "info",
    text: text.trimEnd(),
    ...(isRecord(inner) ? { json: inner } : {}),
  };
};
