import { now } from "#core/kit/clock.ts";

/** Whether a link's time has come, whatever TTL has deleted by now. */
export const isExpired = (link: { readonly expiresAt?: number }): boolean =>
  link.expiresAt !== undefined && link.expiresAt <= now();

/** Whether a link has no click left. */
export const isExhausted = (link: { readonly clicksLeft?: number }): boolean =>
  link.clicksLeft !== undefined && link.clicksLeft <= 0;

/** Condition on links that no moderator holds down; `:no` is false. */
export const NOT_BLOCKED = "(attribute_not_exists(blocked) OR blocked = :no)";
