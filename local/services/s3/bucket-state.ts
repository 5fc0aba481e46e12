import type { Entry } from "./journal.ts";
import { createKeyMap, type KeyMap } from "./key-map.ts";
import type { BucketSettings, Extent, Part, PendingWrite, Upload, Version } from "./types.ts";

/** A multipart upload in memory. */
export interface LiveUpload extends Upload {
  readonly parts: Map<number, Part>;
}

/** A bucket in memory: the index of its keys, and what is under way. Bytes are on disk. */
export interface BucketState {
  readonly name: string;
  settings: BucketSettings;
  /** Versions newest first, never changed in place. */
  readonly keys: KeyMap<readonly Version[]>;
  readonly uploads: Map<string, LiveUpload>;
  /** What the latest finished uploads became. */
  readonly completed: Map<string, { readonly key: string; readonly sequence: number }>;
  /** Writes under way that carry a condition, by key. */
  readonly pending: Map<string, Set<PendingWrite>>;
  /** Of the latest write. */
  sequence: number;
}

/** Finished uploads whose completion may come again. */
const COMPLETED_LIMIT = 1_000;

/** A bucket with nothing in it. */
export const emptyBucket = (name: string): BucketState => ({
  name,
  settings: { created: 0, region: "", config: {} },
  keys: createKeyMap(),
  uploads: new Map(),
  completed: new Map(),
  pending: new Map(),
  sequence: 0,
});

/** Where the bytes of a version are; a marker has none. */
export const extentsOf = (version: Version): readonly Extent[] => (version.marker ? [] : version.extents);

const without = (freed: readonly Extent[], kept: readonly Extent[]): Extent[] => {
  const names = new Set(kept.map(({ blob }) => blob));
  return freed.filter(({ blob }) => !names.has(blob));
};

const bytesOf = (upload: LiveUpload): Extent[] => [...upload.parts.values()].flatMap((part) => part.extents);

const finish = (state: BucketState, uploadId: string, version: Version): Extent[] => {
  const upload = state.uploads.get(uploadId);
  state.uploads.delete(uploadId);
  state.completed.set(uploadId, { key: version.key, sequence: version.sequence });
  const [oldest] = state.completed.size > COMPLETED_LIMIT ? state.completed.keys() : [];
  if (oldest !== undefined) state.completed.delete(oldest);
  return upload ? without(bytesOf(upload), extentsOf(version)) : [];
};

const put = (state: BucketState, version: Version, uploadId?: string): Extent[] => {
  state.sequence = Math.max(state.sequence, version.sequence);
  const history = state.keys.get(version.key) ?? [];
  const replaced = history.find(({ versionId }) => versionId === version.versionId);
  const others = replaced ? history.filter((one) => one !== replaced) : history;
  const at = others.findIndex(({ sequence }) => sequence < version.sequence);
  state.keys.set(version.key, others.toSpliced(at < 0 ? others.length : at, 0, version));
  const freed = replaced ? without(extentsOf(replaced), extentsOf(version)) : [];
  return uploadId === undefined ? freed : [...freed, ...finish(state, uploadId, version)];
};

const drop = (state: BucketState, key: string, versionId: string): Extent[] => {
  const history = state.keys.get(key) ?? [];
  const left = history.filter((one) => one.versionId !== versionId);
  if (left.length > 0) state.keys.set(key, left);
  else state.keys.delete(key);
  return history.filter((one) => one.versionId === versionId).flatMap(extentsOf);
};

const abort = (state: BucketState, uploadId: string): Extent[] => {
  const upload = state.uploads.get(uploadId);
  state.uploads.delete(uploadId);
  return upload ? bytesOf(upload) : [];
};

const addPart = (state: BucketState, uploadId: string, part: Part): Extent[] => {
  const parts = state.uploads.get(uploadId)?.parts;
  const replaced = parts?.get(part.number)?.extents ?? [];
  parts?.set(part.number, part);
  return without(replaced, part.extents);
};

/** Makes a change in memory. Returns bytes that nothing holds any more. */
export const apply = (state: BucketState, entry: Entry): readonly Extent[] => {
  switch (entry[0]) {
    case "settings":
      state.settings = entry[1];
      return [];
    case "put":
      return put(state, entry[1], entry[2]);
    case "drop":
      return drop(state, entry[1], entry[2]);
    case "upload":
      state.uploads.set(entry[1].id, { ...entry[1], parts: new Map() });
      return [];
    case "part":
      return addPart(state, entry[1], entry[2]);
    case "abort":
      return abort(state, entry[1]);
  }
};

/** The shortest log that makes this bucket. */
export function* entriesOf(state: BucketState): Generator<Entry, void, undefined> {
  yield ["settings", state.settings];
  const finished = new Map(
    [...state.completed].map(([id, { key, sequence }]) => [`${key}\0${sequence}`, id]),
  );
  for (const [key, versions] of state.keys.entries()) {
    for (const version of versions) {
      const uploadId = finished.get(`${key}\0${version.sequence}`);
      yield uploadId === undefined ? ["put", version] : ["put", version, uploadId];
    }
  }
  for (const { parts, ...upload } of state.uploads.values()) {
    yield ["upload", upload];
    for (const part of parts.values()) yield ["part", upload.id, part];
  }
}

/** Every file this bucket needs. */
export const blobsOf = (state: BucketState): Set<string> => {
  const names = new Set<string>();
  for (const versions of state.keys.values()) {
    for (const version of versions) for (const { blob } of extentsOf(version)) names.add(blob);
  }
  for (const upload of state.uploads.values()) for (const { blob } of bytesOf(upload)) names.add(blob);
  return names;
};
