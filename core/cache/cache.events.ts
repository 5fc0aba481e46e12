import * as v from "valibot";

/** `cache.invalidated`: an entry was deleted, or all that bear a tag or are in a namespace are void. */
export const CacheInvalidated = v.object({
  /** The user whose namespace it is; null: the app's own. */
  owner: v.nullable(v.string()),
  namespace: v.string(),
  /** Neither key nor tag: the whole namespace. */
  key: v.optional(v.string()),
  tag: v.optional(v.string()),
  version: v.number(),
});
export type CacheInvalidated = v.InferOutput<typeof CacheInvalidated>;

/** `link.updated` and `link.deleted` of the shortener: what the cache needs to know of them. */
export const LinkChanged = v.object({
  id: v.string(),
  owner: v.nullable(v.string()),
  domain: v.string(),
  code: v.string(),
  /** Its end has come: nobody changed it. */
  expired: v.optional(v.boolean()),
});
export type LinkChanged = v.InferOutput<typeof LinkChanged>;
