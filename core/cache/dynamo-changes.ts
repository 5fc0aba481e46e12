import { nameOf } from "./cache.keys.ts";
import type { EntryItem } from "./dynamo-entry.ts";
import type { Change } from "./store.ts";

/** A change of one item, as the table's stream tells it. */
export interface StreamChange {
  /** Unique and stable over retries. */
  readonly id: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** What a record of the stream stands for: sets, deletes and bumps void copies, nothing else does. */
export const toChanges = ({ id, after }: StreamChange): Change[] => {
  const item = after as EntryItem | undefined;
  if (item?.v === undefined) return [];
  const { v: version, k } = item;
  if (item.o === "set" || item.o === "delete") return [{ id, key: nameOf(item.pk, k), version }];
  return item.o === "bump" ? [{ id, mark: nameOf(item.pk, k), version }] : [];
};
