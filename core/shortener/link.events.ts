import * as v from "valibot";

const about = {
  /** The link's id: a code may be taken again, an id never. */
  id: v.string(),
  domain: v.string(),
  code: v.string(),
  owner: v.nullable(v.string()),
};

/** `link.created`: a link stands. */
export const LinkCreated = v.object({ ...about, url: v.string() });
export type LinkCreated = v.InferOutput<typeof LinkCreated>;

/** `link.updated`: an owner or moderator changed it; clicks and previews do not count as changes. */
export const LinkUpdated = v.object({
  ...about,
  url: v.string(),
  revision: v.number(),
  /** Whether it leads elsewhere than before. */
  moved: v.boolean(),
});

/** `link.deleted`: it was deleted, or it expired and was cleared away. */
export const LinkDeleted = v.object({ ...about, expired: v.boolean() });
