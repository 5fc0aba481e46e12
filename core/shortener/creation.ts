import { metrics } from "#core/kit/metrics.ts";
import { Problem } from "#core/kit/problem.ts";
import { claim, type Shortened } from "./claim.ts";
import { hashCodes, isReserved } from "./codes.ts";
import { nextCode } from "./counter.ts";
import { type Draft, toDraft } from "./draft.ts";
import type { NewLink } from "./link.schema.ts";
import { createOnce } from "./once.ts";

const MAX_TRIES = 12;

/**
 * Shortens a URL. Calls and table units: one call, 1 WCU, by hash or anonymously by counter (+ 1/k for the lease); an
 * owned link adds 2 WCU in the sparse indexes; an owned link by counter is a transaction, 4 WCU + 2. A code that is
 * taken by another link costs one more write.
 */
export const shorten = async (input: NewLink, owner: string, host: string): Promise<Shortened> => {
  const draft = await toDraft(input, owner, host);
  const outcome = await create(draft, input.custom_hash);
  if (outcome.link.blocked) throw new Problem("link-blocked", "This link was removed by a moderator");
  return outcome;
};

const create = (draft: Draft, custom: string | undefined) => {
  if (custom !== undefined) return createCustom(draft, custom);
  if (process.env.CODE_STRATEGY !== "counter") return createHashed(draft);
  return draft.owner === "" ? createCounted(draft) : createOnce(draft);
};

const createCustom = async (draft: Draft, code: string): Promise<Shortened> => {
  if (isReserved(code)) throw new Problem("reserved-word", `“${code}” is kept for the product itself`);
  const outcome = await claim(draft, code);
  if (outcome.created || outcome.link.identity === draft.identity) return outcome;
  throw new Problem("slug-taken", `“${code}” is taken`);
};

/** The code is the hash of the link, so the same link finds itself: no index, no read, no marker. */
const createHashed = async (draft: Draft): Promise<Shortened> => {
  for (const code of hashCodes(draft.identity)) {
    const outcome = await claim(draft, code);
    if (outcome.created || outcome.link.identity === draft.identity) return outcome;
    metrics.addMetric("CodeCollisions", "Count", 1);
  }
  throw outOfCodes();
};

const createCounted = async (draft: Draft): Promise<Shortened> => {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const outcome = await claim(draft, await nextCode());
    if (outcome.created) return outcome;
    metrics.addMetric("CodeCollisions", "Count", 1); // with a custom code; the counter never meets itself
  }
  throw outOfCodes();
};

const outOfCodes = () =>
  new Problem("unavailable", "No free code was found", { headers: { "retry-after": "1" } });
