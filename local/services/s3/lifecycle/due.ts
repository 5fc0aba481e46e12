import type { KeyEntry, ObjectVersion, Upload } from "../types.ts";
import type { Filter, LifecycleRule } from "./rules.ts";

const DAY_MS = 86_400_000;

/** S3 counts whole days and acts at the midnight (UTC) after them. */
export const midnightAfter = (from: number, days: number): number =>
  Math.floor((from + days * DAY_MS) / DAY_MS) * DAY_MS + DAY_MS;

const fits = (filter: Filter, object: Pick<ObjectVersion, "key" | "tags" | "size">): boolean =>
  object.key.startsWith(filter.prefix ?? "") &&
  Object.entries(filter.tags ?? {}).every(([name, value]) => object.tags[name] === value) &&
  object.size > (filter.greaterThan ?? -1) &&
  object.size < (filter.lessThan ?? Number.POSITIVE_INFINITY);

/** A delete marker has no tags and no size: only a prefix can tell it apart. */
const fitsMarker = ({ prefix = "", tags, greaterThan, lessThan }: Filter, key: string): boolean =>
  key.startsWith(prefix) && tags === undefined && greaterThan === undefined && lessThan === undefined;

/** When something is to happen, and by which rule. */
export interface Due {
  readonly at: number;
  readonly rule: LifecycleRule;
}

const earliest = (all: readonly Due[]): Due | undefined =>
  all.reduce<Due | undefined>((first, one) => (first && first.at <= one.at ? first : one), undefined);

/** When the current version of an object expires. */
export const expiryOf = (rules: readonly LifecycleRule[], object: ObjectVersion): Due | undefined =>
  earliest(
    rules.flatMap((rule) => {
      if (!rule.enabled || !fits(rule.filter, object)) return [];
      if (rule.date !== undefined) return [{ at: rule.date, rule }];
      return rule.days === undefined ? [] : [{ at: midnightAfter(object.modified, rule.days), rule }];
    }),
  );

/** When an unfinished upload is given up. */
export const abortOf = (
  rules: readonly LifecycleRule[],
  { key, initiated }: Pick<Upload, "key" | "initiated">,
): Due | undefined =>
  earliest(
    rules.flatMap((rule) =>
      rule.enabled && rule.abortDays !== undefined && key.startsWith(rule.filter.prefix ?? "")
        ? [{ at: midnightAfter(initiated, rule.abortDays), rule }]
        : [],
    ),
  );

const markerIsDue = (rule: LifecycleRule, key: string, modified: number, now: number) => {
  if (!rule.enabled || !fitsMarker(rule.filter, key)) return false;
  if (rule.expiredMarkers) return true;
  if (rule.date !== undefined) return rule.date <= now;
  return rule.days !== undefined && midnightAfter(modified, rule.days) <= now;
};

const noncurrentIsDue = (
  rule: LifecycleRule,
  version: ObjectVersion,
  since: number,
  newer: number,
  now: number,
) =>
  rule.enabled &&
  rule.noncurrentDays !== undefined &&
  fits(rule.filter, version) &&
  newer >= (rule.newerNoncurrent ?? 0) &&
  midnightAfter(since, rule.noncurrentDays) <= now;

/** What is due of a key: its current version, and version ids to be deleted for good. */
export const dueOf = (
  rules: readonly LifecycleRule[],
  { key, versions }: KeyEntry,
  now: number,
): { readonly current: boolean; readonly versionIds: readonly string[] } => {
  const [current, ...others] = versions;
  if (current?.marker) {
    const alone = others.length === 0;
    if (alone && rules.some((rule) => markerIsDue(rule, key, current.modified, now))) {
      return { current: false, versionIds: [current.versionId] };
    }
  }
  let since = current?.modified ?? now;
  const gone = others.filter((version, newer) => {
    const replaced = since;
    since = version.modified;
    if (version.marker) {
      return rules.some(
        ({ enabled, filter, noncurrentDays, newerNoncurrent = 0 }) =>
          enabled &&
          noncurrentDays !== undefined &&
          fitsMarker(filter, key) &&
          newer >= newerNoncurrent &&
          midnightAfter(replaced, noncurrentDays) <= now,
      );
    }
    return rules.some((rule) => noncurrentIsDue(rule, version, replaced, newer, now));
  });
  const expiry = current && !current.marker ? expiryOf(rules, current) : undefined;
  return {
    current: expiry !== undefined && expiry.at <= now,
    versionIds: gone.map(({ versionId }) => versionId),
  };
};
