import pMap from "p-map";
import { now } from "#core/kit/clock.ts";
import { log } from "#core/kit/log.ts";
import { Problem, parse, problemKinds, toDocument } from "#core/kit/problem.ts";
import type { Shortened } from "./claim.ts";
import { shorten } from "./creation.ts";
import { NewLink } from "./link.schema.ts";

const CONCURRENCY = 10;
// A password costs 0.15 s of a vCPU, so a hundred may take longer than API Gateway waits (29 s): what was not begun by
// then is answered as such, and what was done is not lost with it.
const BUDGET_MS = 18_000;

/** What became of one link of a bulk. */
export type Outcome = Shortened | { readonly problem: Problem };

/** Shortens each for itself: a bad one spoils no other. Costs what shortening them one by one does, in one request. */
export const shortenAll = (inputs: readonly unknown[], owner: string, host: string): Promise<Outcome[]> => {
  const until = now() + BUDGET_MS;
  const inTime = (input: unknown) => (now() < until ? one(input, owner, host) : { problem: tooLate() });
  return pMap(inputs, inTime, { concurrency: CONCURRENCY });
};

const tooLate = () => new Problem("unavailable", "There was no time left for this one: send it again");

const one = async (input: unknown, owner: string, host: string): Promise<Outcome> => {
  try {
    return await shorten(parse(NewLink, input), owner, host);
  } catch (error) {
    if (error instanceof Problem) return { problem: error };
    log.error("one link of a bulk failed", error instanceof Error ? error : new Error(String(error)));
    return { problem: new Problem("unavailable", "This one could not be stored: send it again") };
  }
};

/** An outcome's status and problem document. */
export const toFailure = (problem: Problem) => ({
  status: problemKinds[problem.kind].status,
  problem: toDocument(problem) as { type: string; title: string; status: number },
});
