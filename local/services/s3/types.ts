import type { Readable } from "node:stream";

/** What the parts of S3 share: the records on disk, a call as it is handled, and the events a change leaves behind. */

/** As `x-amz-checksum-algorithm` writes them; headers carry them in lower case. */
export type Algorithm = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";

/** A checksum in base64; COMPOSITE is the checksum of the parts' checksums and ends in `-<parts>`. */
export interface Checksum {
  readonly algorithm: Algorithm;
  readonly value: string;
  readonly type: "COMPOSITE" | "FULL_OBJECT";
}

/** A run of bytes in one file: parts are never copied into one another. */
export interface Extent {
  readonly blob: string;
  /** Where in the file it starts; 0 when absent. */
  readonly offset?: number;
  readonly size: number;
}

/** Headers kept with an object as they were given: `content-type`, `cache-control`, … in lower case. */
export type SystemMetadata = Readonly<Record<string, string>>;

/** What a writer says of an object besides its bytes. */
export interface Description {
  readonly system: SystemMetadata;
  /** `x-amz-meta-…`, names without the prefix, in lower case. */
  readonly user: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  /** `x-amz-server-side-encryption` and its companions, as answered. */
  readonly encryption: Readonly<Record<string, string>>;
}

/** One version of an object. In a bucket without versioning there is one, called `null`. */
export interface ObjectVersion extends Description {
  readonly key: string;
  readonly versionId: string;
  /** Rises with every write to the bucket: the order of versions, and the event's sequencer. */
  readonly sequence: number;
  /** Epoch ms. */
  readonly modified: number;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly extents: readonly Extent[];
  readonly checksum?: Checksum;
  /** Of an object that came in parts: for `partNumber=` and GetObjectAttributes. */
  readonly parts?: readonly { readonly number: number; readonly size: number; readonly checksum?: string }[];
  readonly marker?: never;
}

/** A version that says the key is gone. */
export interface DeleteMarker {
  readonly key: string;
  readonly versionId: string;
  readonly sequence: number;
  readonly modified: number;
  readonly marker: true;
}

/** What stands in a key's history. */
export type Version = ObjectVersion | DeleteMarker;

/** An uploaded part. */
export interface Part {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
  readonly extents: readonly Extent[];
  readonly checksum?: string;
}

/** A multipart upload under way. */
export interface Upload extends Description {
  readonly id: string;
  readonly key: string;
  readonly initiated: number;
  readonly algorithm?: Algorithm;
  readonly checksumType?: Checksum["type"];
  /** Who began it. */
  readonly initiator: string;
  /** By part number. */
  readonly parts: ReadonlyMap<number, Part>;
}

/** A bucket's settings: kept whole, replaced whole. */
export interface BucketSettings {
  readonly created: number;
  readonly region: string;
  readonly versioning?: "Enabled" | "Suspended";
  readonly tags?: Readonly<Record<string, string>>;
  /** Everything else by the name of its sub-resource: `cors`, `policy`, `lifecycle`, `notification`, `website`, … */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A bucket as others see it. */
export interface Bucket {
  readonly name: string;
  readonly arn: string;
  readonly settings: BucketSettings;
}

/** An object to be written: its bytes are on disk already. */
export interface Draft extends Description {
  readonly size: number;
  readonly etag: string;
  readonly extents: readonly Extent[];
  readonly checksum?: Checksum;
  readonly parts?: ObjectVersion["parts"];
}

/** `If-Match` / `If-None-Match` of a write, checked at the very moment it takes effect. */
export interface Condition {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: true;
}

/** What a deletion did. */
export interface Removed {
  /** Set when a marker was made instead, or a marker was what was deleted. */
  readonly marker?: DeleteMarker;
  /** The version that is gone for good; undefined when there was none. */
  readonly version?: Version;
  readonly sequence: number;
}

/** One entry of a listing. */
export interface KeyEntry {
  readonly key: string;
  /** Newest first, never empty. */
  readonly versions: readonly Version[];
}

/** Everything kept. What changes it is synchronous, and on disk when it returns: no answer is ever taken back. */
export interface Store {
  buckets(): readonly Bucket[];
  bucket(name: string): Bucket | undefined;
  createBucket(name: string, settings: BucketSettings): Bucket;
  /** Throws BucketNotEmpty. */
  deleteBucket(name: string): void;
  configure(name: string, change: (settings: BucketSettings) => BucketSettings): void;
  /** Keys in UTF-8 order, from `from` on (inclusive). What is changed meanwhile disturbs nothing. */
  keys(bucket: string, from?: string): Iterable<KeyEntry>;
  versions(bucket: string, key: string): readonly Version[];
  /** Makes it the current version. `since` is what `begin` gave when the request came in; `uploadId` ends that upload. */
  put(bucket: string, key: string, draft: Draft, options?: PutOptions): ObjectVersion;
  /** Replaces what is said of a version (tags), keeping bytes, order and time. */
  describe(bucket: string, version: ObjectVersion, change: Partial<Description>): ObjectVersion;
  /** Deletes as S3 does: a version for good when named or unversioned, by a marker otherwise. */
  remove(bucket: string, key: string, options?: RemoveOptions): Removed;
  begin(bucket: string, key: string): PendingWrite;
  uploads(bucket: string): ReadonlyMap<string, Upload>;
  /** The version an upload became: a completion that is sent again gets the same answer. */
  completed(
    bucket: string,
    uploadId: string,
  ): { readonly key: string; readonly version: Version } | undefined;
  createUpload(bucket: string, upload: Omit<Upload, "parts">): Upload;
  putPart(bucket: string, uploadId: string, part: Part): void;
  abortUpload(bucket: string, uploadId: string): void;
  /** Takes bytes in, a chunk at a time; `each` sees them on their way. Leaves no file when it throws. */
  receive(bucket: string, bytes: AsyncIterable<Buffer>, each: (chunk: Buffer) => void): Promise<Extent[]>;
  /** The same bytes under new names, by hard links: to be put into another version. */
  share(from: string, to: string, extents: readonly Extent[]): Promise<Extent[]>;
  /** Forgets bytes that were received or shared and are in no version. */
  discard(bucket: string, extents: readonly Extent[]): void;
  /** Reads bytes `start`…`end` (inclusive). They stay readable until the stream ends, whatever is deleted meanwhile. */
  read(bucket: string, extents: readonly Extent[], range?: { start: number; end: number }): Readable;
  close(): void;
}

/** A write that has begun: knows whether the key was deleted meanwhile. */
export interface PendingWrite {
  deleted: boolean;
  end(): void;
}

export interface PutOptions {
  readonly condition?: Condition;
  readonly pending?: PendingWrite;
  readonly uploadId?: string;
}

export interface RemoveOptions {
  readonly versionId?: string;
  readonly ifMatch?: string;
}
