import { tellChanged } from "#core/shortener/telling.ts";
import type { LinkChanged } from "./cache.events.ts";
import { invalidate } from "./entries.ts";

/** Where a user keeps what is made of their links: entries of this namespace that bear `link:<id>` go when the link changes. */
const LINKS = "links";

/**
 * A link was changed or deleted: what its owner tagged with it is void, and what redirects keep of it. One write each, whatever they
 * reach. Whoever changed it told the redirects already, unless their process died in between: this is what they hear for certain. Done
 * twice it drops what was loaded in between, and nothing else: only ever too much, never too little.
 */
export const invalidateByLink = async ({ id, owner, domain, code, expired }: LinkChanged): Promise<void> => {
  await Promise.all([
    owner === null ? undefined : invalidate(owner, { namespace: LINKS, tag: `link:${id}` }),
    // No copy outlives the link's end.
    expired ? undefined : tellChanged({ domain, code }),
  ]);
};
