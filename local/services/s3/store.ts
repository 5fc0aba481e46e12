import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../kit/clock.ts";
import { type Blobs, openBlobs } from "./blobs.ts";
import { apply, type BucketState, blobsOf, emptyBucket, entriesOf } from "./bucket-state.ts";
import { fault } from "./fault.ts";
import { type Entry, type Journal, openJournal } from "./journal.ts";
import { after } from "./order.ts";
import type { Bucket, BucketSettings, KeyEntry, PendingWrite, Store, Version } from "./types.ts";
import { checkCondition, removal } from "./writes.ts";

interface OpenBucket extends Bucket {
  readonly state: BucketState;
  readonly journal: Journal;
  readonly blobs: Blobs;
}

const LEAVING = ".deleted-";
/** Keys read at a time, so that what is deleted meanwhile disturbs no listing. */
const PAGE = 256;

function* keysFrom(state: BucketState, from: string | undefined): Generator<KeyEntry, void, undefined> {
  for (let next = from; ; ) {
    const page: KeyEntry[] = [];
    for (const [key, versions] of state.keys.entries(next)) if (page.push({ key, versions }) === PAGE) break;
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    next = after(last.key);
  }
}

const openBucket = (root: string, name: string): OpenBucket => {
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
        void bucket.blobs.sweep(blobsOf(bucket.state));
      }
    }
  }
  return open;
};

/** Opens everything kept under `root`, which is made if need be. */
export const openStore = (root: string, clock: Clock): Store => {
  const open = openAll(root);
  const get = (name: string): OpenBucket => {
    const bucket = open.get(name);
    if (!bucket) throw fault("NoSuchBucket", { BucketName: name });
    return bucket;
  };
  /** Log first, memory next, files last. */
  const commit = ({ state, journal, blobs }: OpenBucket, entry: Entry) => {
    journal.append(entry);
    blobs.discard(apply(state, entry));
    journal.compactTo(state.keys.size, () => entriesOf(state));
  };
  // rises with time, so that it rises over restarts too
  const nextSequence = (state: BucketState) => Math.max(state.sequence + 1, clock.now() * 1_000);
  const createBucket = (name: string, settings: BucketSettings): Bucket => {
    if (open.has(name)) throw fault("BucketAlreadyOwnedByYou", { BucketName: name });
    const bucket = openBucket(root, name);
    commit(bucket, ["settings", settings]);
    open.set(name, bucket);
    return bucket;
  };
  const deleteBucket = (name: string) => {
    const { state, journal } = get(name);
    if (state.keys.size > 0) throw fault("BucketNotEmpty", { BucketName: name });
    const leaving = join(root, `${LEAVING}${randomBytes(8).toString("hex")}`);
    renameSync(join(root, name), leaving);
    open.delete(name);
    journal.close();
    rmSync(leaving, { recursive: true, force: true });
  };

  return {
    buckets: () => [...open.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    bucket: (name) => open.get(name),
    createBucket,
    deleteBucket,
    configure(name, change) {
      const bucket = get(name);
      commit(bucket, ["settings", change(bucket.state.settings)]);
    },
    keys: (name, from) => keysFrom(get(name).state, from),
    versions: (name, key) => get(name).state.keys.get(key) ?? [],
    put(name, key, draft, options = {}) {
      const bucket = get(name);
      const { state } = bucket;
      checkCondition(state.keys.get(key)?.[0], options);
      const versionId =
        state.settings.versioning === "Enabled" ? randomBytes(24).toString("base64url") : "null";
      const version = { ...draft, key, versionId, sequence: nextSequence(state), modified: clock.now() };
      commit(bucket, options.uploadId === undefined ? ["put", version] : ["put", version, options.uploadId]);
      return version;
    },
    describe(name, version, change) {
      const bucket = get(name);
      const described = { ...version, ...change };
      commit(bucket, ["put", described]);
      return described;
    },
    remove(name, key, options = {}) {
      const bucket = get(name);
      const { state } = bucket;
      const { entries, removed } = removal(state, key, options, {
        sequence: nextSequence(state),
        modified: clock.now(),
      });
      for (const entry of entries) commit(bucket, entry);
      state.sequence = removed.sequence;
      for (const pending of state.pending.get(key) ?? []) pending.deleted = true;
      return removed;
    },
    begin: (name, key) => begin(get(name).state, key),
    uploads: (name) => get(name).state.uploads,
    completed(name, uploadId) {
      const { state } = get(name);
      const done = state.completed.get(uploadId);
      const version = done && state.keys.get(done.key)?.find((one) => one.versionId === done.versionId);
      return version && { key: version.key, version };
    },
    createUpload(name, upload) {
      commit(get(name), ["upload", upload]);
      return { ...upload, parts: new Map() };
    },
    putPart(name, uploadId, part) {
      const bucket = get(name);
      if (!bucket.state.uploads.has(uploadId)) throw fault("NoSuchUpload", { UploadId: uploadId });
      commit(bucket, ["part", uploadId, part]);
    },
    abortUpload: (name, uploadId) => commit(get(name), ["abort", uploadId]),
    async receive(name, bytes, each) {
      const bucket = get(name);
      const extents = await bucket.blobs.receive(bytes, each);
      // deleted meanwhile, and its files with it; made again, it has none of them
      if (open.get(name) !== bucket) throw fault("NoSuchBucket", { BucketName: name });
      return extents;
    },
    share: async (from, to, extents) => get(to).blobs.share(get(from).blobs, extents),
    discard: (name, extents) => open.get(name)?.blobs.discard(extents),
    read: (name, extents, range) => get(name).blobs.read(extents, range),
    close() {
      for (const { journal } of open.values()) journal.close();
      open.clear();
    },
  };
};

const begin = (state: BucketState, key: string): PendingWrite => {
  const writes = state.pending.get(key) ?? new Set<PendingWrite>();
  const write: PendingWrite = {
    deleted: false,
    end() {
      writes.delete(write);
      if (writes.size === 0) state.pending.delete(key);
    },
  };
  state.pending.set(key, writes.add(write));
  return write;
};

/** What a reader without a version id sees: undefined where the key is not, or no longer. */
export const currentOf = (versions: readonly Version[]) => (versions[0]?.marker ? undefined : versions[0]);
