// Access patterns of ShortenerTable. Keys are case-sensitive; a domain and a code together name a link.
//  1 link by domain + code              table   pk LNK#<domain>/<code>        sk LINK           GetItem, eventual
//  2 links of an owner, newest first    byOwner gsi1pk OWN#<owner>            gsi1sk <link id>  Query, descending
//  3 links of an owner to a URL         byUrl   gsi2pk URL#<owner>#<sha256>   gsi2sk <link id>  Query, descending
//  4 link an owner asked for before     table   pk IDN#<identity>             sk IDN            transaction (counter)
//  5 next range of the counter          table   pk CTR#codes                  sk CTR            UpdateItem ADD
//  6 clicks of a link, day and shard    table   pk CLK#<link>#<day>#<shard>   sk <hour>#<bucket> UpdateItem ADD, Query
//  7 daily totals of a link             table   pk STS#<link>                 sk <day>          Query between days
//  8 links touched in an hour           table   pk WRK#<day>#<lane>           sk <hour>#<batch> Query between hours
// Both indexes are sparse: an anonymous link costs no index write. Items of 4 to 8 are a key and a set or a few
// counters, written where they are used. The stream makes events of LNK# items only.
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { linked } from "#core/kit/config.ts";
import { documents } from "#core/kit/dynamo.ts";
import type { LinkPreview, LinkRule } from "./link.schema.ts";

const owned = (attributes: { owner?: string }) => attributes.owner !== "";

const schema = {
  model: { entity: "link", version: "1", service: "shortener" },
  attributes: {
    domain: { type: "string", required: true },
    code: { type: "string", required: true },
    id: { type: "string", required: true },
    /** Empty: nobody's. */
    owner: { type: "string", required: true },
    url: { type: "string", required: true },
    urlHash: { type: "string", required: true },
    /** What makes two requests the same; taken away when the link is edited. */
    identity: { type: "string" },
    redirect: { type: "number", required: true },
    createdAt: { type: "number", required: true },
    updatedAt: { type: "number", required: true },
    /** Epoch ms. Every read compares it: TTL deletes up to 48 hours late. */
    expiresAt: { type: "number" },
    /** DynamoDB's TTL attribute, epoch seconds: a week after `expiresAt`. */
    ttl: { type: "number" },
    maxClicks: { type: "number" },
    clicksLeft: { type: "number" },
    password: { type: "string" },
    title: { type: "string" },
    tags: { type: CustomAttributeType<string[]>("any") },
    rules: { type: CustomAttributeType<LinkRule[]>("any") },
    preview: { type: CustomAttributeType<LinkPreview>("any") },
    lookalike: { type: "boolean" },
    disabled: { type: "boolean" },
    blocked: { type: "boolean" },
    revision: { type: "number", required: true },
  },
  indexes: {
    link: {
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: ElectroDB's own placeholders
      pk: { field: "pk", composite: ["domain", "code"], template: "LNK#${domain}/${code}", casing: "none" },
      sk: { field: "sk", composite: [], template: "LINK", casing: "none" },
    },
    byOwner: {
      index: "byOwner",
      condition: owned,
      pk: { field: "gsi1pk", composite: ["owner"], template: "OWN#${owner}", casing: "none" },
      sk: { field: "gsi1sk", composite: ["id"], template: "${id}", casing: "none" },
    },
    byUrl: {
      index: "byUrl",
      condition: owned,
      pk: {
        field: "gsi2pk",
        composite: ["owner", "urlHash"],
        template: "URL#${owner}#${urlHash}",
        casing: "none",
      },
      sk: { field: "gsi2sk", composite: ["id"], template: "${id}", casing: "none" },
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: ElectroDB's own placeholders
    },
  },
} as const;

const create = (table: string) => new Entity(schema, { client: documents(), table });

let entity: ReturnType<typeof create> | undefined;

/** The link entity over the table that is linked to this function. */
export const links = (): ReturnType<typeof create> => {
  entity ??= create(linked("ShortenerTable").name);
  return entity;
};

/** A link as it is stored. */
export type LinkItem = EntityItem<ReturnType<typeof create>>;
