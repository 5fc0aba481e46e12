import type { DomainEvent } from "#core/kit/bus.ts";
import type { LinkItem } from "./link.model.ts";

/** A change of one item, as the table's stream tells it. */
export interface Change {
  /** Unique and stable over retries. */
  readonly id: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  /** TTL made it. */
  readonly expired: boolean;
}

/** The events a change stands for. Taking over an expired code replaces its item: the old link ends, a new one begins. */
export const toEvents = (change: Change): DomainEvent[] => {
  const before = toItem(change.before);
  const after = toItem(change.after);
  const event = (type: string, data: object): DomainEvent => ({
    id: `${change.id}/${type}`,
    type,
    source: "shortener",
    data,
  });
  const ended = (item: LinkItem, expired: boolean) => event("link.deleted", { ...toAbout(item), expired });
  const begun = (item: LinkItem) => event("link.created", { ...toAbout(item), url: item.url });
  if (before && after && before.id !== after.id) return [ended(before, true), begun(after)];
  if (before && after) {
    if (before.revision === after.revision) return [];
    const moved = before.url !== after.url;
    return [event("link.updated", { ...toAbout(after), url: after.url, revision: after.revision, moved })];
  }
  if (after) return [begun(after)];
  return before ? [ended(before, change.expired)] : [];
};

const toItem = (image: Change["before"]): LinkItem | undefined =>
  image !== undefined && String(image.pk).startsWith("LNK#") ? (image as unknown as LinkItem) : undefined;

const toAbout = (item: LinkItem) => ({
  id: item.id,
  domain: item.domain,
  code: item.code,
  owner: item.owner === "" ? null : item.owner,
});
