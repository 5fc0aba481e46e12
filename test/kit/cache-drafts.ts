import type { CacheStore, Draft, Stored } from "../../core/cache/store.ts";
import { now } from "../../core/kit/clock.ts";

/** A store as the suite takes it. */
export interface StoreUnderTest {
  readonly store: CacheStore;
  /** Another process's view of the same data. The same store, where processes share nothing. */
  readonly other: CacheStore;
  /** Brings what happened to the feed, where somebody else does that. */
  pump?(): Promise<void>;
  /** Connections of a client: as many requests are under way at once, the others wait their turn here, where none times out. */
  readonly connections?: number;
  /** Opens them before many are needed at once. */
  warm?(): Promise<void>;
  stop(): Promise<void>;
}

/** The body of an entry as text. */
export const text = (stored: Stored | undefined): string | null | undefined => {
  if (!stored) return undefined;
  return stored.body === null ? null : Buffer.from(stored.body).toString();
};

/** A body that is fresh for a minute. */
export const draft = (body: string | Uint8Array | null, more: Partial<Draft> = {}): Draft => ({
  body: typeof body === "string" ? Buffer.from(body) : body,
  freshUntil: now() + 60_000,
  keptUntil: now() + 90_000,
  marks: {},
  loadMs: 0,
  ...more,
});

let keys = 0;
/** A key nobody has used. */
export const newKey = (what = "k"): string => `ns/${what}-${++keys}-${process.pid}`;
