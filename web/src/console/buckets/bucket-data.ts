import * as v from "valibot";

const Bucket = v.object({
  name: v.string(),
  arn: v.string(),
  created: v.number(),
  versioning: v.string(),
  objects: v.number(),
  bytes: v.number(),
  uploads: v.number(),
  isPublic: v.boolean(),
});
/** A bucket and what is in it. */
export type Bucket = v.InferOutput<typeof Bucket>;

/** Every bucket. */
export const Buckets = v.array(Bucket);

const version = {
  key: v.string(),
  versionId: v.string(),
  modified: v.number(),
  marker: v.optional(v.boolean(), false),
  size: v.optional(v.number(), 0),
  etag: v.optional(v.string()),
  type: v.optional(v.string()),
};
const Version = v.object(version);
/** A version of an object, or a marker that says it is gone. */
export type Version = v.InferOutput<typeof Version>;

/** A page of folders and objects. */
export const Listing = v.object({
  prefix: v.string(),
  folders: v.array(v.string()),
  objects: v.array(Version),
  after: v.optional(v.string()),
});
/** A page of folders and objects. */
export type Listing = v.InferOutput<typeof Listing>;

const texts = v.optional(v.record(v.string(), v.string()), {});

/** One object, or one version of it. */
export const ObjectView = v.object({
  ...version,
  metadata: texts,
  headers: texts,
  tags: texts,
  checksum: v.optional(v.object({ algorithm: v.string(), value: v.string(), type: v.string() })),
  storageClass: v.optional(v.string()),
  link: v.optional(v.string()),
  download: v.optional(v.string()),
  versions: v.array(Version),
});
/** One object, or one version of it. */
export type ObjectView = v.InferOutput<typeof ObjectView>;

/** `a/b/` as the steps that lead there: `a/`, `a/b/`. */
export const stepsTo = (prefix: string): readonly { readonly name: string; readonly prefix: string }[] => {
  const names = prefix.split("/").slice(0, -1);
  return names.map((name, i) => ({ name, prefix: `${names.slice(0, i + 1).join("/")}/` }));
};

/** What a key is called within its folder. */
export const leaf = (key: string, prefix: string): string => key.slice(prefix.length) || key;

/** Version ids are long: their end tells them apart. */
export const shortVersion = (versionId: string): string =>
  versionId.length > 12 ? `…${versionId.slice(-8)}` : versionId;
