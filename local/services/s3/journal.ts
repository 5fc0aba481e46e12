import { type LineLog, openLineLog } from "./line-log.ts";
import type { BucketSettings, Part, Upload, Version } from "./types.ts";

/** A change to a bucket. Applying one twice, in order, does no harm. */
export type Entry =
  | readonly ["settings", BucketSettings]
  | readonly ["put", Version, uploadId?: string]
  | readonly ["drop", key: string, versionId: string]
  | readonly ["upload", Omit<Upload, "parts">]
  | readonly ["part", uploadId: string, Part]
  | readonly ["abort", uploadId: string];

/** The log of one bucket. */
export type Journal = LineLog<Entry>;

const KINDS = new Set(["settings", "put", "drop", "upload", "part", "abort"]);

const read = (value: unknown): Entry | undefined =>
  Array.isArray(value) && KINDS.has(value[0]) && value[1] ? (value as unknown as Entry) : undefined;

/** Opens the log of a bucket, handing every entry to `replay`. */
export const openJournal = (path: string, replay: (entry: Entry) => void): Journal =>
  openLineLog(path, read, replay);
