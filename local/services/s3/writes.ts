import { randomBytes } from "node:crypto";
import type { BucketState } from "./bucket-state.ts";
import { fault } from "./fault.ts";
import type { Entry } from "./journal.ts";
import type { DeleteMarker, PutOptions, Removed, RemoveOptions, Version } from "./types.ts";

const unquoted = (etag: string) => etag.trim().replace(/^"(.*)"$/, "$1");

/** Whether an ETag is in an `If-Match` or `If-None-Match` header; `*` stands for any. */
export const matchesEtag = (header: string, etag: string): boolean =>
  header.trim() === "*" || header.split(",").some((one) => unquoted(one.replace(/^\s*W\//, "")) === etag);

/**
 * Throws where a conditional write may not take effect over `current`: 412 for the loser of a race, 409 where the key
 * was deleted while the write was under way, 404 for `If-Match` of nothing.
 */
export const checkCondition = (current: Version | undefined, { condition, pending }: PutOptions): void => {
  if (!condition) return;
  const existing = current?.marker ? undefined : current;
  if (condition.ifNoneMatch) {
    if (existing) throw fault("PreconditionFailed", { Condition: "If-None-Match" });
    if (pending?.deleted) throw fault("ConditionalRequestConflict", { Condition: "If-None-Match" });
  }
  if (condition.ifMatch === undefined) return;
  if (!existing) throw fault("NoSuchKey", { Key: current?.key });
  if (!matchesEtag(condition.ifMatch, existing.etag))
    throw fault("PreconditionFailed", { Condition: "If-Match" });
};

interface Stamp {
  readonly sequence: number;
  readonly modified: number;
}

interface Removal {
  readonly entries: readonly Entry[];
  readonly removed: Removed;
}

const dropVersion = (
  history: readonly Version[],
  key: string,
  versionId: string,
  sequence: number,
): Removal => {
  const version = history.find((one) => one.versionId === versionId);
  if (!version) return { entries: [], removed: { sequence } };
  const removed: Removed = version.marker ? { marker: version, version, sequence } : { version, sequence };
  return { entries: [["drop", key, versionId]], removed };
};

/** What a deletion comes to: https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html */
export const removal = (
  { keys, settings }: BucketState,
  key: string,
  { versionId, ifMatch }: RemoveOptions,
  stamp: Stamp,
): Removal => {
  const history = keys.get(key) ?? [];
  if (ifMatch !== undefined) {
    const wanted = versionId === undefined ? history[0] : history.find((one) => one.versionId === versionId);
    if (!wanted || wanted.marker) throw fault("NoSuchKey", { Key: key });
    if (!matchesEtag(ifMatch, wanted.etag)) throw fault("PreconditionFailed", { Condition: "If-Match" });
  }
  if (versionId !== undefined) return dropVersion(history, key, versionId, stamp.sequence);
  if (!settings.versioning) return dropVersion(history, key, "null", stamp.sequence);
  // suspended: the marker takes the place of the version that has no id
  const id = settings.versioning === "Enabled" ? randomBytes(24).toString("base64url") : "null";
  const marker: DeleteMarker = { key, versionId: id, ...stamp, marker: true };
  return { entries: [["put", marker]], removed: { marker, sequence: stamp.sequence } };
};
