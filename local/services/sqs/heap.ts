/** A binary min-heap of values by due time (epoch ms). */
export interface Heap<T> {
  items: { readonly due: number; readonly value: T }[];
}

/** An empty heap. */
export const createHeap = <T>(): Heap<T> => ({ items: [] });

/** Adds a value due at `due`. */
export const heapPush = <T>({ items }: Heap<T>, due: number, value: T): void => {
  const entry = { due, value };
  let at = items.length;
  items.push(entry);
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = items[up];
    if (!parent || parent.due <= due) break;
    items[at] = parent;
    at = up;
  }
  items[at] = entry;
};

/** Removes and returns the first entry due at or before `now`, or undefined. */
export const heapPop = <T>({ items }: Heap<T>, now: number): { due: number; value: T } | undefined => {
  const first = items[0];
  if (!first || first.due > now) return undefined;
  const last = items.pop();
  if (!last || items.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const left = items[child];
    if (!left) break;
    const right = items[child + 1];
    const least = right && right.due < left.due ? right : left;
    if (least === right) child++;
    if (last.due <= least.due) break;
    items[at] = least;
    at = child;
  }
  items[at] = last;
  return first;
};

/** Drops the entries that `wanted` does not want. */
export const heapKeep = <T>(heap: Heap<T>, wanted: (value: T, due: number) => boolean): void => {
  // in ascending order, an array is a heap
  heap.items = heap.items.filter(({ due, value }) => wanted(value, due)).sort((a, b) => a.due - b.due);
};

/** When the first entry is due. */
export const heapDue = <T>({ items }: Heap<T>): number | undefined => items[0]?.due;
