import { LRUCache } from "lru-cache";
import type { Token } from "./l1.ts";

const MAX_MARKS = 10_000;

/** What is known of a mark, and since when. */
interface Known {
  readonly version: number;
  readonly token: Token;
}

/** Versions of marks, by name. */
export type Marks = Readonly<Record<string, number>>;

/**
 * Versions of tags and of the namespace, as far as this process knows them. They only grow: what a lagging replica says of
 * a mark does not take back what is known.
 */
export interface KnownMarks {
  /** Those not known so lately that they may be used without asking. */
  unsure(names: readonly string[]): readonly string[];
  learn(found: Marks, token: Token): void;
  /** As far as known; 0: never bumped. */
  current(names: readonly string[]): Marks;
  /** Whether none of its marks has grown since it was written, as far as known. */
  holds(marks: Marks, own: string): boolean;
  /** Another number whenever a mark grew. */
  epoch(): number;
}

/**
 * Knows nothing yet. `isRecent` says whether what was read by a token may still be used; `onForget`, that of a mark which may
 * have been bumped nothing is known any more.
 */
export const createMarks = (isRecent: (token: Token) => boolean, onForget: () => void): KnownMarks => {
  let epoch = 1;
  const known = new LRUCache<string, Known>({
    max: MAX_MARKS,
    dispose: (_known, _name, reason) => {
      if (reason === "evict") onForget();
    },
  });
  const learn = (name: string, version: number, token: Token) => {
    const before = known.peek(name);
    if (before !== undefined && before.version > version) return;
    if (before === undefined || before.version < version) epoch++;
    known.set(name, { version, token });
  };
  const grew = (name: string, version: number) => (known.get(name)?.version ?? 0) > version;
  return {
    unsure: (names) =>
      names.filter((name) => {
        const mark = known.get(name);
        return mark === undefined || !isRecent(mark.token);
      }),
    learn: (found, token) => {
      for (const [name, version] of Object.entries(found)) learn(name, version, token);
    },
    current: (names) => {
      const versions: Record<string, number> = {};
      for (const name of names) versions[name] = known.get(name)?.version ?? 0;
      return versions;
    },
    holds: (marks, own) =>
      !grew(own, marks[own] ?? 0) && Object.entries(marks).every(([name, version]) => !grew(name, version)),
    epoch: () => epoch,
  };
};
