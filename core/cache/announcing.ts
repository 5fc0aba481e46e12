import type { DomainEvent } from "#core/kit/bus.ts";
import type { CacheInvalidated } from "./cache.events.ts";
import { nameOf } from "./cache.keys.ts";
import type { StreamChange } from "./dynamo-changes.ts";
import type { EntryItem } from "./dynamo-entry.ts";
import type { Deferred } from "./write-behind.ts";

/**
 * The events a change stands for: `cache.invalidated` for a deletion and a mark that was bumped. A set is none: processes hear
 * of it by the feed, and nobody else needs to; on the bus each would cost a millionth of a dollar.
 */
export const toEvents = ({ id, after }: StreamChange): DomainEvent[] => {
  const item = after as EntryItem | undefined;
  if (item?.v === undefined || (item.o !== "delete" && item.o !== "bump")) return [];
  const data = toInvalidated(nameOf(item.pk, item.k), item.o === "delete", item.v);
  return [{ id: `${id}/cache.invalidated`, type: "cache.invalidated", source: "cache", data }];
};

const toInvalidated = (name: string, isKey: boolean, version: number): CacheInvalidated => {
  const colon = name.indexOf(":"); // no namespace has one
  const [space, rest] = [name.slice(0, colon), name.slice(colon + 1)];
  const [, owner, own] = /^u\/(.+)\/([^/]+)$/.exec(space) ?? [];
  return {
    owner: owner ?? null,
    namespace: own ?? space,
    ...(isKey && { key: rest }),
    ...(!isKey && rest !== "" && { tag: rest }),
    version,
  };
};

/** The entries that changes left dirty, each once: the newest version is read when it is flushed. */
export const toDeferred = (changes: readonly StreamChange[], at: number): Deferred[] => {
  const dirty = changes.flatMap(({ after }) => {
    const item = after as EntryItem | undefined;
    return item?.d ? [nameOf(item.pk, item.k)] : [];
  });
  return [...new Set(dirty)].map((key) => ({ key, at }));
};
