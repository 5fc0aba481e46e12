import { within } from "#core/cache/breaker.ts";
import { announce } from "#core/cache/dynamo-feed.ts";
import { linked } from "#core/kit/config.ts";
import { newId } from "#core/kit/id.ts";
import { log } from "#core/kit/log.ts";
import { CACHE_CHANNEL } from "./infra.schema.ts";
import { type LinkName, linkName } from "./link.keys.ts";

/** Who changed a link waits no longer than this for what is told twice anyway. */
const PATIENCE_MS = 1_000;

/**
 * Tells all redirects that a link was changed or deleted: what they keep of it is void. Without a Valkey one PutItem, 1 WCU, on the
 * feed that they follow; with one the entry that they share is deleted, which they hear of. Told twice, it costs them a read.
 */
export const tellChanged = async (name: LinkName): Promise<void> => {
  if (process.env.VALKEY_NODES) {
    const { linkCache } = await import("./link-cache.ts");
    return (await linkCache()).drop(name);
  }
  const change = { id: newId("chg"), key: linkName(name), version: 0 }; // each process counts versions for itself
  await within(PATIENCE_MS, () => announce(linked("CacheTable").name, [change], CACHE_CHANNEL));
};

/**
 * The same, as well as may be: the change has taken place, and must not be answered as a failure. The table's stream tells of it once
 * more, and that is tried until it succeeds (core/cache/invalidation.ts).
 */
export const dropLink = async (name: LinkName): Promise<void> => {
  try {
    await tellChanged(name);
  } catch (error) {
    log.warn("redirects were not told of a changed link", { reason: String(error) });
  }
};
