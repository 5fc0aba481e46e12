import type { Dimensions, MetricId, Sample } from "./series.ts";

// Source: "Specification: Embedded metric format", Amazon CloudWatch user guide.
const MAX_METRICS = 100;
const MAX_VALUES = 100;
const MAX_DIMENSIONS = 30;

/** A metric found in a log line. */
export interface Embedded {
  readonly id: MetricId;
  readonly sample: Sample;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const dimensionsOf = (line: Fields, names: unknown): Dimensions | undefined => {
  const keys = list(names);
  if (keys.length > MAX_DIMENSIONS) return undefined;
  const pairs = keys.map((key) => [String(key), line[String(key)]] as const);
  // A set that names a field the line does not have is left out whole.
  if (pairs.some(([, value]) => typeof value !== "string" || value === "")) return undefined;
  return Object.fromEntries(pairs) as Dimensions;
};

const valuesOf = (value: unknown): readonly number[] => {
  const values = Array.isArray(value) ? value : [value];
  const sound = values.every((one) => typeof one === "number" && Number.isFinite(one));
  return sound && values.length <= MAX_VALUES ? (values as number[]) : [];
};

/** The text of a structured line, past the columns a text-format function writes before it. */
const jsonOf = (message: string): Fields | undefined => {
  // Almost no line has metrics: a search is all it may cost the others.
  if (!message.includes('"CloudWatchMetrics"')) return undefined;
  try {
    const parsed: unknown = JSON.parse(message.slice(Math.max(0, message.indexOf("{"))));
    return isFields(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

const directive = (line: Fields, one: Fields, at: number): Embedded[] => {
  const { Namespace: namespace } = one;
  if (typeof namespace !== "string" || namespace === "") return [];
  const sets = list(one.Dimensions).map((names) => dimensionsOf(line, names));
  const metrics = list(one.Metrics).filter(isFields).slice(0, MAX_METRICS);
  return metrics.flatMap(({ Name: name, Unit: unit }) => {
    if (typeof name !== "string" || name === "") return [];
    const values = valuesOf(line[name]);
    if (values.length === 0) return [];
    const sample = { at, values, ...(typeof unit === "string" ? { unit } : {}) };
    return (sets.length > 0 ? sets : [{}]).flatMap((dimensions) =>
      dimensions ? [{ id: { namespace, name, dimensions }, sample }] : [],
    );
  });
};

/** The metrics that a log line embeds; none when it is no such line. `now` is for lines without a time of their own. */
export const embeddedMetrics = (message: string, now: number): Embedded[] => {
  const line = jsonOf(message);
  if (!line || !isFields(line._aws)) return [];
  const { Timestamp: stated, CloudWatchMetrics: directives } = line._aws;
  const at = typeof stated === "number" && Number.isFinite(stated) ? stated : now;
  return list(directives)
    .filter(isFields)
    .flatMap((one) => directive(line, one, at));
};
