import { CACHE_CHANNEL } from "#core/shortener/infra.schema.ts";
import type { Settings } from "./kit.ts";
import type { Platform } from "./platform.ts";
import { onIndex, onTable } from "./rights.ts";
import { codeStrategy } from "./settings.ts";

/** What each function that is a route of the shortener may do, by its handler. */
export const shortenerRights = (
  base: Platform,
  table: sst.aws.Dynamo,
): Record<string, Settings["permissions"]> => {
  const may = (...actions: string[]) => onTable(table, ...actions);
  // What a redirect keeps is dropped when others change it: it hears of it, and who changes it tells.
  const [hear, tell] = [base.cache.hear(CACHE_CHANNEL), base.cache.tell(CACHE_CHANNEL)];
  // A counter is leased, and the link that an owner's marker names is read: codes by hash need neither.
  const create = [codeStrategy() === "counter" ? may("PutItem", "UpdateItem", "GetItem") : may("PutItem")];
  return {
    "shortener/shorten": create,
    "shortener/bulk": create,
    "shortener/list": [onIndex(table, "byOwner"), onIndex(table, "byUrl")],
    "shortener/export": [onIndex(table, "byOwner")],
    "shortener/get": [may("GetItem")],
    "shortener/qr": [may("GetItem")],
    "shortener/edit": [may("GetItem", "UpdateItem"), tell],
    "shortener/remove": [may("DeleteItem", "UpdateItem"), tell],
    "shortener/stats": [may("GetItem", "Query")],
    "shortener/redirect": [may("GetItem", "UpdateItem"), hear],
    "shortener/unlock": [may("GetItem", "UpdateItem"), hear],
  };
};
