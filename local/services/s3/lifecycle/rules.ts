import { randomUUID } from "node:crypto";
import { fault, malformedXml } from "../fault.ts";
import { many, readXml, textOf, type Xml, type XmlRead } from "../xml.ts";

/** Which objects a rule is about. */
export interface Filter {
  readonly prefix?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Bytes, exclusive. */
  readonly greaterThan?: number;
  readonly lessThan?: number;
}

/** One lifecycle rule. */
export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly filter: Filter;
  /** True for rules of the old form, whose prefix stands without a filter. */
  readonly bare?: true;
  readonly days?: number;
  /** Epoch ms, a midnight. */
  readonly date?: number;
  readonly expiredMarkers?: true;
  readonly noncurrentDays?: number;
  readonly newerNoncurrent?: number;
  readonly abortDays?: number;
  /** Kept and told; on one disk there is nowhere to move to. */
  readonly transitions?: Readonly<Record<string, readonly XmlRead[]>>;
}

const MOST_RULES = 1_000;
const DAY_MS = 86_400_000;

const invalid = (message: string) => fault("InvalidArgument", {}, message);

const positive = (node: XmlRead | undefined, name: string, action: string): number | undefined => {
  const given = textOf(node, name)?.trim();
  if (given === undefined) return undefined;
  if (!/^-?\d{1,10}$/.test(given)) throw malformedXml();
  if (Number(given) < 1) throw invalid(`'${name}' for ${action} action must be a positive integer`);
  return Number(given);
};

const bytes = (node: XmlRead | undefined, name: string): number | undefined => {
  const given = textOf(node, name)?.trim();
  if (given === undefined) return undefined;
  if (!/^\d{1,15}$/.test(given)) throw malformedXml();
  return Number(given);
};

const dateOf = (node: XmlRead | undefined): number | undefined => {
  const given = textOf(node, "Date")?.trim();
  if (given === undefined) return undefined;
  const date = Date.parse(given);
  if (Number.isNaN(date)) throw malformedXml();
  if (date % DAY_MS !== 0) throw invalid("'Date' must be at midnight GMT");
  return date;
};

/** An object without what is not given. */
const given = <Values extends object>(values: Values) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Values]?: Exclude<Values[Name], undefined>;
  };

const readFilter = (node: XmlRead): Filter => {
  const [filter] = many(node, "Filter");
  const part = many(filter, "And")[0] ?? filter;
  const tags = many(part, "Tag").map(
    (tag) => [textOf(tag, "Key") ?? "", textOf(tag, "Value") ?? ""] as const,
  );
  return given({
    prefix: textOf(filter === undefined ? node : part, "Prefix"),
    tags: tags.length > 0 ? Object.fromEntries(tags) : undefined,
    greaterThan: bytes(part, "ObjectSizeGreaterThan"),
    lessThan: bytes(part, "ObjectSizeLessThan"),
  });
};

const readActions = (node: XmlRead) => {
  const [expiration] = many(node, "Expiration");
  const [noncurrent] = many(node, "NoncurrentVersionExpiration");
  const [abort] = many(node, "AbortIncompleteMultipartUpload");
  const transitions = given({
    Transition: many(node, "Transition"),
    NoncurrentVersionTransition: many(node, "NoncurrentVersionTransition"),
  });
  const moves = Object.values(transitions).some((list) => list.length > 0);
  const markers = textOf(expiration, "ExpiredObjectDeleteMarker")?.trim() === "true";
  return given({
    days: positive(expiration, "Days", "Expiration"),
    date: dateOf(expiration),
    expiredMarkers: markers ? (true as const) : undefined,
    noncurrentDays: positive(noncurrent, "NoncurrentDays", "NoncurrentVersionExpiration"),
    newerNoncurrent: positive(noncurrent, "NewerNoncurrentVersions", "NoncurrentVersionExpiration"),
    abortDays: positive(abort, "DaysAfterInitiation", "AbortIncompleteMultipartUpload"),
    transitions: moves ? transitions : undefined,
  });
};

const readRule = (node: XmlRead): LifecycleRule => {
  const status = textOf(node, "Status");
  if (status !== "Enabled" && status !== "Disabled") throw malformedXml();
  const id = textOf(node, "ID") || randomUUID();
  if (id.length > 255) throw invalid("ID length should not exceed allowed limit of 255");
  const bare = many(node, "Filter").length === 0;
  if (bare && textOf(node, "Prefix") === undefined) throw malformedXml();
  return {
    id,
    enabled: status === "Enabled",
    filter: readFilter(node),
    ...(bare && { bare }),
    ...readActions(node),
  };
};

/** Throws for rules that S3 would not take together. */
export const checkRules = (rules: readonly LifecycleRule[]): readonly LifecycleRule[] => {
  if (rules.length === 0 || rules.length > MOST_RULES) throw malformedXml();
  if (new Set(rules.map(({ id }) => id)).size < rules.length) {
    throw invalid("Rule ID must be unique. Found same ID for more than one rule");
  }
  for (const { id: _, enabled: __, filter, bare: ___, ...actions } of rules) {
    if (Object.keys(actions).length === 0) {
      throw fault("InvalidRequest", {}, "At least one action needs to be specified in a rule");
    }
    if (actions.abortDays !== undefined && filter.tags) {
      throw fault("InvalidRequest", {}, "AbortIncompleteMultipartUpload cannot be specified with Tags.");
    }
    if ([actions.days, actions.date, actions.expiredMarkers].filter((one) => one !== undefined).length > 1) {
      throw malformedXml();
    }
  }
  return rules;
};

/** Reads a lifecycle configuration. */
export const readRules = (text: string): readonly LifecycleRule[] =>
  checkRules(many(readXml(text, "LifecycleConfiguration"), "Rule").map(readRule));

const writeFilter = ({ prefix, tags, greaterThan, lessThan }: Filter): Xml => {
  const parts = given({
    Prefix: prefix,
    Tag: tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    ObjectSizeGreaterThan: greaterThan,
    ObjectSizeLessThan: lessThan,
  });
  const several = Object.keys(parts).length > 1 || (parts.Tag?.length ?? 0) > 1;
  return (several ? { And: parts } : parts) as Xml;
};

const writeRule = (rule: LifecycleRule): Xml => {
  const { days, date, expiredMarkers, noncurrentDays, newerNoncurrent, abortDays } = rule;
  const expires = days ?? date ?? expiredMarkers;
  return {
    ID: rule.id,
    ...(rule.bare ? { Prefix: rule.filter.prefix ?? "" } : { Filter: writeFilter(rule.filter) }),
    Status: rule.enabled ? "Enabled" : "Disabled",
    ...((rule.transitions ?? {}) as { [name: string]: Xml[] }),
    ...(expires !== undefined && {
      Expiration: {
        Days: days,
        Date: date === undefined ? undefined : new Date(date).toISOString(),
        ExpiredObjectDeleteMarker: expiredMarkers,
      },
    }),
    ...(noncurrentDays !== undefined && {
      NoncurrentVersionExpiration: {
        NoncurrentDays: noncurrentDays,
        NewerNoncurrentVersions: newerNoncurrent,
      },
    }),
    ...(abortDays !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortDays } }),
  };
};

/** The configuration as S3 tells it. */
export const writeRules = (rules: readonly LifecycleRule[]): Xml => ({ Rule: rules.map(writeRule) });
