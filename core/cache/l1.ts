import { LRUCache } from "lru-cache";
import type { Held } from "./value.ts";

/** An entry as this process's memory has it. */
export interface Kept extends Held {
  /** 0: no store gave it one. */
  readonly version: number;
  readonly freshUntil: number;
  readonly keptUntil: number;
  readonly loadMs: number;
  readonly marks: Readonly<Record<string, number>>;
  readonly dirty: boolean;
  /** When its read began: it is as old as that. */
  readonly readAt: number;
  /** Served without asking anybody from `readAt` until then: what the feed does not cover is soon asked for again. */
  readonly until: number;
  /** The state of all marks in which it was last found valid. */
  epoch: number;
}

/** What a read knew when it began: what was written since voids what it brings. */
export interface Token {
  readonly at: number;
  readonly fence: number;
  readonly generation: number;
}

const MAX_FENCES = 10_000;
// of an entry besides its value: key, numbers, places in maps
const OVERHEAD = 200;

/** This process's memory: least recently used goes first. `fence` and `put` go by versions, so that what is late loses. */
export interface L1 {
  get(key: string): Kept | undefined;
  keys(): Iterable<string>;
  /** False: something newer was written since the read began. */
  put(key: string, kept: Kept, token: Token): boolean;
  /** Nothing below this version is kept from here on; what there is goes, unless it is about to be replaced. */
  fence(key: string, version: number, replaced?: boolean): void;
  /** The version known of a key, or 0. */
  floor(key: string): number;
  /** The store has forgotten the version known of a key, and counts anew: what is read from here on may be kept again. */
  restart(key: string): void;
  /** Both void all reads under way, too. */
  drop(key: string): void;
  clear(): void;
  /** A number that grows with each fence. */
  fences(): number;
  size(): { readonly entries: number; readonly bytes: number };
}

/** Bounds of a memory; none keeps nothing but the fences. */
export const createL1 = (
  bounds: { readonly entries: number; readonly bytes: number } | undefined,
  onEvict: () => void,
): L1 => {
  const entries =
    bounds &&
    new LRUCache<string, Kept>({
      max: bounds.entries,
      maxSize: bounds.bytes,
      maxEntrySize: Math.ceil(bounds.bytes / 4), // one value does not clear the room
      dispose: (_kept, _key, reason) => {
        if (reason === "evict") onEvict();
      },
    });
  const fences = createFences();
  return {
    get: (key) => entries?.get(key),
    keys: () => entries?.keys() ?? [],
    put: (key, kept, token) => {
      if (!fences.admits(key, kept.version, token)) return false;
      if ((entries?.peek(key)?.version ?? 0) > kept.version) return false;
      entries?.set(key, kept, { size: kept.size + key.length * 2 + OVERHEAD });
      return true;
    },
    fence: (key, version, replaced = false) => {
      fences.add(key, version);
      if (!replaced && (entries?.peek(key)?.version ?? version) < version) entries?.delete(key);
    },
    floor: fences.floor,
    restart: (key) => {
      fences.forget(key);
      entries?.delete(key);
    },
    drop: (key) => {
      fences.touch();
      entries?.delete(key);
    },
    clear: () => {
      fences.touch();
      entries?.clear();
    },
    fences: fences.count,
    size: () => ({ entries: entries?.size ?? 0, bytes: entries?.calculatedSize ?? 0 }),
  };
};

/**
 * The versions of what was lately written. Fences are bounded in number: a read that began before one was forgotten is not kept,
 * so none is ever missed.
 */
const createFences = () => {
  let added = 0;
  let forgotten = 0;
  const fences = new LRUCache<string, { readonly version: number; readonly number: number }>({
    max: MAX_FENCES,
    dispose: ({ number }, _key, reason) => {
      if (reason === "evict") forgotten = Math.max(forgotten, number);
    },
  });
  return {
    add: (key: string, version: number) => {
      const known = fences.peek(key)?.version ?? 0;
      fences.set(key, { version: Math.max(known, version), number: ++added });
    },
    floor: (key: string) => fences.peek(key)?.version ?? 0,
    /** Voids all reads under way. */
    touch: () => {
      forgotten = ++added;
    },
    forget: (key: string) => {
      forgotten = ++added;
      fences.delete(key);
    },
    admits: (key: string, version: number, token: Token) =>
      token.fence >= forgotten && version >= (fences.peek(key)?.version ?? 0),
    count: () => added,
  };
};
