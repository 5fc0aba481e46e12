import pMap from "p-map";
import { log } from "#core/kit/log.ts";
import { Problem, parse, problemKinds, toDocument } from "#core/kit/problem.ts";
import type { Shortened } from "./claim.ts";
import { shorten } from "./creation.ts";
import { NewLink } from "./link.schema.ts";

const CONCURRENCY = 10;

/** What became of one link of a bulk. */
export type Outcome = Shortened | { readonly problem: Problem };

/** Shortens each for itself: a bad one spoils no other. Costs what shortening them one by one does, in one request. */
export const shortenAll = (inputs: readonly unknown[], owner: string, host: string): Promise<Outcome[]> =>
  pMap(inputs, (input) => one(input, owner, host), { concurrency: CONCURRENCY });

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
