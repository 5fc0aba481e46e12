import * as v from "valibot";

const Rule = v.object({
  name: v.string(),
  arn: v.string(),
  bus: v.string(),
  enabled: v.boolean(),
  targets: v.array(v.string()),
  description: v.optional(v.string()),
  pattern: v.optional(v.string()),
  schedule: v.optional(v.string()),
});
/** A rule of a bus. */
export type Rule = v.InferOutput<typeof Rule>;

const Bus = v.object({ name: v.string(), arn: v.string() });
/** An event bus. */
export type Bus = v.InferOutput<typeof Bus>;

/** Every bus, and the rules of all. */
export const Rules = v.object({ buses: v.array(Bus), rules: v.array(Rule) });

/** What an event put on a bus did. */
export const Put = v.object({ traceId: v.string(), rules: v.array(v.string()) });
/** What an event put on a bus did. */
export type Put = v.InferOutput<typeof Put>;

/** What to begin an event with. */
export interface Sample {
  readonly source: string;
  readonly detailType: string;
  readonly detail: string;
}

const parse = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
};

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** The first plain text that a pattern lists for a field. */
const first = (pattern: unknown, field: string): string | undefined => {
  const listed = member(pattern, field);
  const found = Array.isArray(listed) ? listed.find((one) => typeof one === "string") : undefined;
  return typeof found === "string" ? found : undefined;
};

/** A detail with the plain values that a pattern lists, member by member. */
const detailFor = (pattern: unknown): unknown => {
  if (Array.isArray(pattern)) return pattern.find((one) => typeof one !== "object" || one === null);
  if (typeof pattern !== "object" || pattern === null) return undefined;
  const members = Object.entries(pattern).flatMap(([name, one]) => {
    const value = name.startsWith("$") ? undefined : detailFor(one);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(members);
};

/** An event that a rule's pattern would match, as far as its plain values say. */
export const sampleFor = (rule: Rule | undefined): Sample => {
  const pattern = parse(rule?.pattern);
  return {
    source: first(pattern, "source") ?? "console",
    detailType: first(pattern, "detail-type") ?? "test",
    detail: JSON.stringify(detailFor(member(pattern, "detail")) ?? {}, null, 2),
  };
};

/** A pattern as people read it. */
export const pretty = (pattern: string): string => {
  const value = parse(pattern);
  return value === undefined ? pattern : JSON.stringify(value, null, 2);
};
