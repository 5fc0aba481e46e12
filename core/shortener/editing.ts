import { UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { User } from "#core/identity/user.schema.ts";
import { now } from "#core/kit/clock.ts";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";
import { Problem } from "#core/kit/problem.ts";
import { hashUrl, toDestination } from "./destination.ts";
import { ownDomains } from "./domains.ts";
import { toExpiry, toRules } from "./draft.ts";
import type { LinkName } from "./link.keys.ts";
import { type LinkItem, links } from "./link.model.ts";
import type { LinkPatch } from "./link.schema.ts";
import { absent, find, isModerator } from "./links.ts";
import { hashPassword } from "./password.ts";
import { dropLink } from "./telling.ts";

const MAX_TRIES = 5;
/** What no visitor meets. */
const LABELS = new Set(["title", "tags"]);

/**
 * Changes one of the user's own links; a moderator may set `blocked`, and nothing else, on any. A read and a write
 * conditional on the revision that was read: two edits at once are applied one after the other, and with `revision` the
 * later one is refused. Clicks do not touch the revision. A new `max_clicks` is a new allowance.
 */
export const edit = async (name: LinkName, patch: LinkPatch, user: User, host: string): Promise<LinkItem> => {
  let password: string | null | undefined; // hashed once, however often the rest is tried: it is slow on purpose
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const current = await find(name, true);
    if (!current) throw absent(name);
    authorise(current, patch, user, name);
    if (patch.revision !== undefined && patch.revision !== current.revision) throw conflict(current);
    const { revision: _, ...changes } = patch;
    if (Object.keys(changes).length === 0) return current;
    password ??= changes.password ? await hashPassword(changes.password) : changes.password;
    const updated = await write(
      current,
      toChange({ ...changes, ...(password !== undefined && { password }) }, current, ownDomains(host)),
    );
    if (updated) {
      if (!Object.keys(changes).every((key) => LABELS.has(key))) await dropLink(current);
      return updated;
    }
  }
  throw new Problem("edit-conflict", "This link is being changed by many at once");
};

const authorise = (current: LinkItem, patch: LinkPatch, user: User, name: LinkName) => {
  const { blocked, revision: _, ...rest } = patch;
  const own = current.owner === user.id;
  if (!own && !isModerator(user)) throw absent(name);
  if (blocked !== undefined && !isModerator(user)) {
    throw new Problem("forbidden", "Only moderators take links down or put them back");
  }
  if (!own && Object.keys(rest).length > 0)
    throw new Problem("forbidden", "A moderator may set blocked only");
};

const conflict = (current: LinkItem) =>
  new Problem("edit-conflict", `The link is at revision ${current.revision}`, {
    members: { revision: current.revision },
  });

type Values = { -readonly [K in keyof LinkItem]?: LinkItem[K] };
interface Change {
  readonly set: Values;
  readonly remove: (keyof LinkItem)[];
}

const toChange = (patch: Omit<LinkPatch, "revision">, current: LinkItem, own: readonly string[]): Change => {
  const change = emptyChange();
  if (patch.redirect !== undefined) change.set.redirect = patch.redirect;
  if (patch.disabled !== undefined) change.set.disabled = patch.disabled;
  if (patch.blocked !== undefined) change.set.blocked = patch.blocked;
  if (patch.tags !== undefined) change.set.tags = [...new Set(patch.tags)];
  replace(change, "title", patch.title);
  changeDestinations(change, patch, current, own);
  const expiry = patch.expires_in ? toExpiry(now() + patch.expires_in * 1000) : undefined;
  replace(change, "expiresAt", patch.expires_in === null ? null : expiry?.expiresAt);
  replace(change, "ttl", toTtl(patch, current, expiry?.ttl));
  replace(change, "maxClicks", patch.max_clicks);
  replace(change, "clicksLeft", patch.max_clicks);
  replace(change, "password", patch.password);
  // What a visitor meets is no longer what was asked for: asking for that again makes a link of its own. By counter
  // the marker still leads here, finds another identity, and is replaced.
  const same = (key: string) => LABELS.has(key) || key === "disabled" || key === "blocked";
  if (!Object.keys(patch).every(same)) change.remove.push("identity");
  return change;
};

// A link that is held down is not cleared away: its code would be free and its address could come back.
const toTtl = (patch: LinkPatch, current: LinkItem, ttl: number | undefined): number | null | undefined => {
  if (patch.blocked ?? current.blocked) return null;
  if (patch.expires_in !== undefined) return ttl ?? null;
  const returns = patch.blocked === false && current.expiresAt !== undefined;
  return returns ? toExpiry(current.expiresAt).ttl : undefined;
};

const emptyChange = (): Change => ({ set: {}, remove: [] });

const replace = <K extends keyof LinkItem>(change: Change, key: K, value: LinkItem[K] | null | undefined) => {
  if (value === null) change.remove.push(key);
  else if (value !== undefined) change.set[key] = value;
};

const changeDestinations = (
  change: Change,
  patch: Omit<LinkPatch, "revision">,
  current: LinkItem,
  own: readonly string[],
) => {
  if (patch.url === undefined && patch.rules === undefined) return;
  const destination = toDestination(patch.url ?? current.url, own);
  const checked = toRules(patch.rules ?? current.rules ?? [], own);
  change.set.url = destination.url;
  change.set.urlHash = hashUrl(destination.url);
  change.set.rules = checked.rules;
  change.set.lookalike = destination.lookalike || checked.lookalike;
};

/** The updated link; undefined when somebody else was quicker. */
const write = async (current: LinkItem, { set, remove }: Change): Promise<LinkItem | undefined> => {
  const movesUrl = set.url !== undefined && set.url !== current.url;
  const params = links()
    .patch({ domain: current.domain, code: current.code })
    .composite({ owner: current.owner, id: current.id, urlHash: set.urlHash ?? current.urlHash })
    .set({ ...set, updatedAt: now() })
    // A preview belongs to a page: it goes with the URL, and is fetched anew.
    .remove([...remove, ...(movesUrl ? (["preview"] as const) : [])] as never)
    .add({ revision: 1 })
    .params<UpdateCommandInput>();
  try {
    const { Attributes } = await documents().send(
      new UpdateCommand({ ...guarded(params, current), ReturnValues: "ALL_NEW" }),
    );
    return Attributes as LinkItem;
  } catch (error) {
    if (isConditionFailed(error)) return undefined;
    throw error;
  }
};

const guarded = (params: UpdateCommandInput, current: LinkItem): UpdateCommandInput => {
  // The model's own condition compares the new URL's hash with the stored one; the id and the revision say it all. Names and
  // values that only that condition used must go with it: DynamoDB refuses unused ones.
  const used = new Set(params.UpdateExpression?.match(/[#:]\w+/g));
  const keep = <T>(entries: Record<string, T> | undefined) =>
    Object.fromEntries(Object.entries(entries ?? {}).filter(([name]) => used.has(name)));
  return {
    ...params,
    ConditionExpression: "#id = :guardId AND #revision = :guardRevision",
    ExpressionAttributeNames: {
      ...keep(params.ExpressionAttributeNames),
      "#id": "id",
      "#revision": "revision",
    },
    ExpressionAttributeValues: {
      ...keep(params.ExpressionAttributeValues),
      ":guardId": current.id,
      ":guardRevision": current.revision,
    },
  };
};
