import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../kit/clock.ts";
import { type Blobs, openBlobs } from "./blobs.ts";
import { apply, type BucketState, blobsOf, emptyBucket, entriesOf } from "./bucket-state.ts";
import { fault } from "./fault.ts";
import { type Entry, type Journal, openJournal } from "./journal.ts";
import { after } from "./order.ts";
import type { Bucket, KeyEntry } from "./types.ts";

/** A bucket with what keeps it. */
export interface OpenBucket extends Bucket {
  readonly state: BucketState;
  readonly journal: Journal;
  readonly blobs: Blobs;
}

/** Names of folders that are being deleted start so. */
export const LEAVING = ".deleted-";
/** Keys read at a time, so that what is deleted meanwhile disturbs no listing. */
const PAGE = 256;

/** Keys in order, by pages. */
export function* keysFrom(
  state: BucketState,
  from: string | undefined,
): Generator<KeyEntry, void, undefined> {
  for (let next = from; ; ) {
    const page: KeyEntry[] = [];
    for (const [key, versions] of state.keys.entries(next)) if (page.push({ key, versions }) === PAGE) break;
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    next = after(last.key);
  }
}

/** Opens a bucket's folder, which is made if need be. */
export const openBucket = (root: string, name: string): OpenBucket => {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const state = emptyBucket(name);
  const journal = openJournal(join(folder, "journal.jsonl"), (entry) => void apply(state, entry));
  const blobs = openBlobs(join(folder, "blobs"));
  return {
    name,
    arn: `arn:aws:s3:::${name}`,
    get settings() {
      return state.settings;
    },
    state,
    journal,
    blobs,
  };
};

const openAll = (root: string): Map<string, OpenBucket> => {
  mkdirSync(root, { recursive: true });
  const open = new Map<string, OpenBucket>();
  for (const name of readdirSync(root).sort()) {
    const path = join(root, name);
    if (name.startsWith(LEAVING)) rmSync(path, { recursive: true, force: true });
    else {
      const bucket = openBucket(root, name);
      // killed before its first line: it was never answered
      if (bucket.state.settings.created === 0) {
        bucket.journal.close();
        rmSync(path, { recursive: true, force: true });
      } else {
        open.set(name, bucket);
        bucket.blobs.sweep(blobsOf(bucket.state));
      }
    }
  }
  return open;
};

/** What all that is kept has in common. */
export interface StoreCore {
  readonly root: string;
  readonly clock: Clock;
  readonly open: Map<string, OpenBucket>;
  /** Throws NoSuchBucket. */
  get(name: string): OpenBucket;
  /** Log first, memory next, files last. */
  commit(bucket: OpenBucket, entry: Entry): void;
  /** Rises with time, so that it rises over restarts too. */
  nextSequence(state: BucketState): number;
}

/** Opens every bucket under `root`. */
export const openCore = (root: string, clock: Clock): StoreCore => {
  const open = openAll(root);
  return {
    root,
    clock,
    open,
    get(name) {
      const bucket = open.get(name);
      if (!bucket) throw fault("NoSuchBucket", { BucketName: name });
      return bucket;
    },
    commit({ state, journal, blobs }, entry) {
      journal.append(entry);
      blobs.discard(apply(state, entry));
      journal.compactTo(state.keys.size, () => entriesOf(state));
    },
    nextSequence: (state) => Math.max(state.sequence + 1, clock.now() * 1_000),
  };
};
