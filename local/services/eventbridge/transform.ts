// What a target is given instead of the whole event: Input, InputPath or InputTransformer.

/** How a target changes the event; at most one of the three is set. */
export interface InputChange {
  readonly input?: string;
  readonly inputPath?: string;
  readonly transformer?: {
    readonly paths: Readonly<Record<string, string>>;
    readonly template: string;
  };
}

/** What the reserved variables of a template stand for. */
export interface RuleFacts {
  readonly arn: string;
  readonly name: string;
  /** ISO 8601. */
  readonly ingestionTime: string;
}

export type Event = Readonly<Record<string, unknown>>;

/** The payload for a target, as text. */
export const payloadFor = (change: InputChange, event: Event, rule: RuleFacts): string => {
  if (change.input !== undefined) return change.input;
  if (change.inputPath !== undefined) return JSON.stringify(select(event, change.inputPath) ?? {});
  if (change.transformer) return fill(change.transformer, event, rule);
  return JSON.stringify(event);
};

/** Reads a JSON path of the kind EventBridge knows: names with dashes, indices, wildcards. */
export const select = (event: unknown, path: string): unknown => {
  let found: unknown[] = [event];
  let many = false;
  for (const [, dotted, index, quoted] of path.matchAll(/\.([\w\-/]+|\*)|\[(\d+|\*)\]|\['([^']+)'\]/g)) {
    const key = dotted ?? index ?? quoted ?? "";
    many ||= key === "*";
    found = found.flatMap((value) => step(value, key));
  }
  return many ? found : found[0];
};

const step = (value: unknown, key: string): unknown[] => {
  if (typeof value !== "object" || value === null) return [];
  if (key === "*") return Object.values(value);
  return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
};

const fill = (
  { paths, template }: NonNullable<InputChange["transformer"]>,
  event: Event,
  rule: RuleFacts,
): string => {
  const { detail: _, ...withoutDetail } = event;
  const reserved: Readonly<Record<string, unknown>> = {
    "aws.events.rule-arn": rule.arn,
    "aws.events.rule-name": rule.name,
    "aws.events.event.ingestion-time": rule.ingestionTime,
    "aws.events.event": withoutDetail,
    "aws.events.event.json": event,
  };
  return template.replaceAll(/<([\w.-]+)>/g, (placeholder, name: string, at: number) => {
    const path = paths[name];
    if (!Object.hasOwn(reserved, name) && path === undefined) return placeholder;
    const value = Object.hasOwn(reserved, name) ? reserved[name] : select(event, path ?? "");
    return insideString(template, at) ? inText(value) : JSON.stringify(value ?? "");
  });
};

// A placeholder between quotes becomes part of that string; elsewhere it is a JSON value.
const insideString = (template: string, at: number): boolean => {
  let open = false;
  for (let i = 0; i < at; i++) {
    if (template[i] === "\\") i++;
    else if (template[i] === '"') open = !open;
  }
  return open;
};

const inText = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return `[${value.map(inText).join(",")}]`;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
};
