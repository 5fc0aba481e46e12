import type { LinkChanged } from "./cache.events.ts";
import { invalidate } from "./entries.ts";

/** Where a user keeps what is made of their links: entries of this namespace that bear `link:<id>` go when the link changes. */
const LINKS = "links";

/**
 * A link was changed or deleted: what its owner tagged with it is void. One write, whatever bears the tag. Done twice it drops
 * what was loaded in between, and nothing else: only ever too much, never too little.
 */
export const invalidateByLink = async ({ id, owner }: LinkChanged): Promise<void> => {
  if (owner !== null) await invalidate(owner, { namespace: LINKS, tag: `link:${id}` });
};
