import { randomBytes } from "node:crypto";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../kit/clock.ts";
import type { BucketState } from "./bucket-state.ts";
import { fault } from "./fault.ts";
import { keysFrom, LEAVING, openBucket, openCore, type StoreCore } from "./store-core.ts";
import type { PendingWrite, Store, Version } from "./types.ts";
import { checkCondition, removal } from "./writes.ts";

type Part<Names extends keyof Store> = Pick<Store, Names>;

type Buckets = Part<"buckets" | "bucket" | "createBucket" | "deleteBucket" | "configure" | "close">;

const bucketPart = ({ root, open, get, commit }: StoreCore): Buckets => ({
  buckets: () => [...open.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  bucket: (name) => open.get(name),
  createBucket(name, settings) {
    if (open.has(name)) throw fault("BucketAlreadyOwnedByYou", { BucketName: name });
    const bucket = openBucket(root, name);
    commit(bucket, ["settings", settings]);
    open.set(name, bucket);
    return bucket;
  },
  deleteBucket(name) {
    const { state, journal } = get(name);
    if (state.keys.size > 0) throw fault("BucketNotEmpty", { BucketName: name });
    const leaving = join(root, `${LEAVING}${randomBytes(8).toString("hex")}`);
    renameSync(join(root, name), leaving);
    open.delete(name);
    journal.close();
    rmSync(leaving, { recursive: true, force: true });
  },
  configure(name, change) {
    const bucket = get(name);
    commit(bucket, ["settings", change(bucket.state.settings)]);
  },
  close() {
    for (const { journal } of open.values()) journal.close();
    open.clear();
  },
});

type Objects = Part<"keys" | "versions" | "put" | "describe" | "remove" | "begin">;

const objectPart = ({ clock, get, commit, nextSequence }: StoreCore): Objects => ({
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
    const described = { ...version, ...change };
    commit(get(name), ["put", described]);
    return described;
  },
  remove(name, key, options = {}) {
    const bucket = get(name);
    const { state } = bucket;
    const stamp = { sequence: nextSequence(state), modified: clock.now() };
    const { entries, removed } = removal(state, key, options, stamp);
    for (const entry of entries) commit(bucket, entry);
    state.sequence = removed.sequence;
    for (const pending of state.pending.get(key) ?? []) pending.deleted = true;
    return removed;
  },
  begin: (name, key) => begin(get(name).state, key),
});

type Uploads = Part<"uploads" | "completed" | "createUpload" | "putPart" | "abortUpload">;

const uploadPart = ({ get, commit }: StoreCore): Uploads => ({
  uploads: (name) => get(name).state.uploads,
  completed(name, uploadId) {
    const { state } = get(name);
    const done = state.completed.get(uploadId);
    const version = done && state.keys.get(done.key)?.find((one) => one.sequence === done.sequence);
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
});

const bytesPart = ({ open, get }: StoreCore): Part<"receive" | "share" | "discard" | "read"> => ({
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
});

/** Opens everything kept under `root`, which is made if need be. */
export const openStore = (root: string, clock: Clock): Store => {
  const core = openCore(root, clock);
  return { ...bucketPart(core), ...objectPart(core), ...uploadPart(core), ...bytesPart(core) };
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
