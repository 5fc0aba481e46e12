import type { Clock } from "../../kit/clock.ts";
import { sesErrors } from "./errors.ts";
import type { Account } from "./state.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The day is counted in pieces: a message leaves it at most this late. */
const PIECE_MS = 60_000;

/** Counts recipients against what the account may send. */
export interface Quota {
  /** Throws when there is nothing left; a call that finds something left is taken whole, and puts the next ones off. */
  check(): void;
  take(recipients: number): void;
  sent24Hours(): number;
}

/** A day's count and a second's allowance, both in recipients. Counts start anew with the process. */
export const createQuota = (clock: Clock, account: Account): Quota => {
  const pieces = new Map<number, number>();
  let [left, at] = [Math.max(account.rate, 1), clock.now()];
  const refill = () => {
    const now = clock.now();
    left = Math.min(Math.max(account.rate, 1), left + ((now - at) / 1_000) * account.rate);
    at = now;
  };
  const sent = () => {
    const oldest = Math.floor((clock.now() - DAY_MS) / PIECE_MS);
    for (const piece of pieces.keys()) if (piece <= oldest) pieces.delete(piece);
    return [...pieces.values()].reduce((sum, n) => sum + n, 0);
  };
  return {
    check() {
      refill();
      if (account.quota >= 0 && sent() >= account.quota)
        throw sesErrors.quota("Daily message quota exceeded.");
      // A debt is allowed: "if you send a message to five recipients at once at one a second, SES lets you; for the next
      // five seconds it returns errors" (AWS Messaging blog, "Throttling - Maximum sending rate exceeded").
      if (account.rate >= 0 && left < 1) throw sesErrors.rate("Maximum sending rate exceeded.");
    },
    take(recipients) {
      refill();
      left -= recipients;
      const piece = Math.floor(clock.now() / PIECE_MS);
      pieces.set(piece, (pieces.get(piece) ?? 0) + recipients);
    },
    sent24Hours: sent,
  };
};
