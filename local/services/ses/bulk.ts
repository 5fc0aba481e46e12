import type { Accepted } from "./accept.ts";
import { SesError, sesErrors } from "./errors.ts";

/** Entries of one bulk call. */
const MOST_ENTRIES = 50;

/** Sends one entry of a bulk call after the other; a refusal is that entry's own. */
export const sendEach = async <T>(
  entries: readonly unknown[],
  send: (entry: unknown) => Promise<Accepted>,
  told: { done: (accepted: Accepted) => T; failed: (error: SesError) => T },
): Promise<{ results: T[]; node?: string }> => {
  const results: T[] = [];
  let node: string | undefined;
  for (const entry of entries) {
    try {
      const accepted = await send(entry);
      node ??= accepted.node;
      results.push(told.done(accepted));
    } catch (error) {
      if (!(error instanceof SesError)) throw error;
      results.push(told.failed(error));
    }
  }
  return { results, ...(node ? { node } : {}) };
};

/** Throws unless a bulk call has between one and fifty entries. */
export const checkEntries = (entries: readonly unknown[]): void => {
  if (entries.length === 0) throw sesErrors.invalid("There are no destinations specified.");
  if (entries.length > MOST_ENTRIES)
    throw sesErrors.invalid(`The number of destinations exceeds the limit of ${MOST_ENTRIES}.`);
};
