/**
 * What a store keeps under a key. Who is newer is told by `version`, which the store itself counts up with each set and delete
 * of the key: no writer's clock is asked. Times are milliseconds since the epoch.
 */
export interface Stored {
  /** 0: nothing is there but a lease. The first is any number, those after it follow one by one. */
  readonly version: number;
  /**
   * What the codec made; null: deleted, or past `keptUntil`. The deletion itself is remembered (a tombstone), so that a late
   * fill finds it, and so is the version of what expired (for `FENCE_MS` at the least).
   */
  readonly body: Uint8Array | null;
  readonly freshUntil: number;
  /** Beyond `freshUntil` by the grace: until then it may be served while its origin is slow or fails. Infinity: for ever. */
  readonly keptUntil: number;
  /** Versions of its tags, and of its namespace, as they were before it was loaded: one that grew since makes it void. */
  readonly marks: Readonly<Record<string, number>>;
  /** Milliseconds its load took, for the early refresh. */
  readonly loadMs: number;
  /** Who is loading it anew, and until when others should wait for them. */
  readonly lease?: { readonly holder: string; readonly until: number };
  /**
   * Written here and not yet by the origin: neither dropped nor expired before it is. Marks do not void it and it serves reads past
   * its times. A `fill` with its version settles it, another dirty `set` takes its place; any other `set` and `delete` are refused.
   */
  readonly dirty?: true;
  /**
   * Of a dirty entry: when its key was first written so since the store last forgot it. Versions of a forgotten key start again, and
   * records remember theirs for ever: an entry born later is newer. Clocks may differ by the fence.
   */
  readonly born?: number;
}

/**
 * Milliseconds for which a store remembers the version of a key at the least, however short its entry lives: a load that takes
 * no longer than this cannot bring back what was replaced or deleted meanwhile.
 */
export const FENCE_MS = 60_000;

/** Thrown by `set` and `delete` of a store that keeps dirty entries for good (DynamoDB): the origin must have this one first. */
export class Unflushed extends Error {
  constructor(key: string) {
    super(`${key} is not written to its origin yet`);
    this.name = "Unflushed";
  }
}

/** What is written: the store gives the version. */
export type Draft = Omit<Stored, "version" | "lease" | "born">;

/** What a read found, and the versions of the marks it asked for (0: never bumped). */
export interface Found {
  readonly entry: Stored | undefined;
  readonly marks: Readonly<Record<string, number>>;
}

/** What was done to a key, a tag or a namespace, for every process that keeps copies. */
export interface Change {
  readonly id: string;
  /** A key with its version, or a mark with its. */
  readonly key?: string;
  readonly mark?: string;
  readonly version: number;
}

/** How a read is made. */
export interface ReadHow {
  readonly marks?: readonly string[];
  /** From the primary copy. */
  readonly strong?: boolean;
}

/**
 * The second tier: shared by all processes. Every adapter passes `test/contract/cache-stores.test.ts`. Keys and marks carry
 * their namespace already. Errors of the store are thrown as they come: the cache decides what they mean.
 */
export interface CacheStore {
  readonly name: "memory" | "dynamodb" | "valkey";
  /** One call: the entry and the marks hinted. */
  get(key: string, how?: ReadHow): Promise<Found>;
  /** As few calls as the store allows. Entries are in the order of `keys`. */
  getMany(
    keys: readonly string[],
    how?: ReadHow,
  ): Promise<{ readonly entries: readonly (Stored | undefined)[]; readonly marks: Found["marks"] }>;
  /** Whatever is there: the next version, and any lease is over. Answers the version. */
  set(key: string, draft: Draft): Promise<number>;
  setMany(drafts: ReadonlyMap<string, Draft>): Promise<ReadonlyMap<string, number>>;
  /**
   * A late fill loses: written only where the version still is `expected` (0: nothing there), or where nothing is known of the
   * key any more. With a `holder`, only while its lease is there: a store that forgot the lease (for want of memory, or with a server
   * that died) may have forgotten a deletion with it. Answers the version, or undefined.
   */
  fill(key: string, draft: Draft, expected: number, holder?: string): Promise<number | undefined>;
  /** The next version, without a body. */
  delete(key: string, keptUntil: number): Promise<number>;
  /**
   * Takes the right to load, where nobody else has it (or had it until `now` at the latest) and the version is `expected`.
   * `entry` is what stands in the way; undefined where it is taken. Asked again by its holder, it is taken again.
   */
  lease(
    key: string,
    lease: { readonly holder: string; readonly until: number },
    expected: number,
    now: number,
  ): Promise<{ readonly taken: boolean; readonly entry: Stored | undefined }>;
  /** Gives it back unused: the load failed. */
  release(key: string, holder: string): Promise<void>;
  /** Current versions. */
  marks(names: readonly string[], strong?: boolean): Promise<Found["marks"]>;
  /** One write, however many entries bear the mark. Answers its new version, above all it ever had. It is remembered for `MARK_MS`. */
  bump(mark: string): Promise<number>;
  /**
   * Every set, delete and bump since `cursor` (undefined: from now on); a fill is none. Some may come twice, and those of a key
   * out of order: go by the version. `gap`: some of it is no longer known, so trust no copy.
   */
  changes(cursor: string | undefined): Promise<{
    readonly changes: readonly Change[];
    readonly cursor: string;
    readonly gap: boolean;
    /** Milliseconds the slowest of these took from what was done to when it was told, where somebody else tells. */
    readonly lagMs?: number;
  }>;
  /**
   * Every key that begins so and may have an entry, in any order, each at least once. Reads all there is: for tools, not for
   * requests.
   */
  keys?(prefix: string): AsyncIterable<string>;
  /** Milliseconds by which a replica was last seen behind, where there are any. */
  lagMs?(): number;
}
