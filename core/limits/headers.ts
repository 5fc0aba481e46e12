import { Problem } from "#core/kit/problem.ts";
import type { JudgedLevel, Judgement } from "./judgement.ts";

// draft-ietf-httpapi-ratelimit-headers-11 (23 May 2026). Both fields are Lists of Strings with parameters (RFC 9651).

const MAX_INTEGER = 999_999_999_999_999; // an Integer of RFC 9651 has 15 digits

const integer = (value: number): number => (value > 0 ? Math.min(Math.trunc(value), MAX_INTEGER) : 0);

/** Whole seconds that are never earlier than the moment: rounded up, and 1 at the least, for 0 would be now. */
const seconds = (ms: number): number => integer(Math.max(1, Math.ceil(ms / 1_000)));

/** A policy's name as both fields and the problem spell it: a String holds printable ASCII, so the rest is percent-encoded. */
export const policyName = (name: string): string =>
  name.toWellFormed().replace(/[^\x20-\x7e]/gu, (char) => encodeURIComponent(char));

const quoted = (name: string): string => `"${policyName(name).replace(/[\\"]/g, "\\$&")}"`;

// A rule that only watches is nobody's business. One of the whole service tells a caller how much of it is left, and so
// how much it would take to use it up (the draft's section 6): it is named only where it is why the request was refused.
const isNamed = (level: JudgedLevel): boolean =>
  binds(level) && (level.rule.scope !== "global" || !level.decision.allowed);

// The deny list denies by whichever rule.
const binds = ({ rule, decidedBy }: JudgedLevel): boolean =>
  rule.mode !== "shadow" || decidedBy === "deny-list";

const policy = ({ rule }: JudgedLevel): string => {
  const burst = rule.burst === undefined || rule.burst === rule.limit ? "" : `;tenfold-burst=${rule.burst}`;
  return `${quoted(rule.name)};q=${integer(rule.limit)};w=${integer(rule.window)}${burst}`;
};

// `t`: how long no more than `r` can be used. Of who was refused that is until the same request passes, which keeps
// Retry-After from pointing before the end of any window named.
const windowOf = ({ allowed, resetMs, retryAfterMs }: JudgedLevel["decision"]): string => {
  const ms = allowed ? resetMs : retryAfterMs;
  return Number.isFinite(ms) && ms > 0 ? `;t=${seconds(ms)}` : "";
};

const standing = (level: JudgedLevel): string =>
  `${quoted(level.rule.name)};r=${integer(level.decision.remaining)}${windowOf(level.decision)}`;

/** One item a policy: a rule that was met twice stands for the key that has less. */
const eachOnce = (levels: readonly JudgedLevel[]): JudgedLevel[] => {
  const least = new Map<string, JudgedLevel>();
  for (const level of levels) {
    const known = least.get(level.rule.name);
    if (!known || level.decision.remaining < known.decision.remaining) least.set(level.rule.name, level);
  }
  return [...least.values()];
};

/**
 * `RateLimit-Policy` and `RateLimit` of what was judged, and `Retry-After` where it was refused. All policies are named; of a
 * refused request `RateLimit` names those alone that refused it. A redirection names none that has nothing left: a client
 * would wait before it follows (section 6).
 */
export const limitHeaders = (judged: Judgement, status = 200): Record<string, string> => {
  const levels = eachOnce(judged.levels.filter(isNamed));
  const told = judged.allowed ? levels : levels.filter((level) => !level.decision.allowed);
  const redirects = status >= 300 && status < 400;
  const standings = redirects ? told.filter(({ decision }) => decision.remaining >= 1) : told;
  return {
    ...(levels.length > 0 && { "ratelimit-policy": levels.map(policy).join(", ") }),
    ...(standings.length > 0 && { ratelimit: standings.map(standing).join(", ") }),
    ...(!judged.allowed && retryAfter(judged)),
  };
};

const retryAfter = ({ retryAfterMs }: Judgement): Record<string, string> =>
  Number.isFinite(retryAfterMs) ? { "retry-after": String(seconds(retryAfterMs)) } : {};

/**
 * 429 for what was refused. The draft registers the type `https://iana.org/assignments/http-problem-types#quota-exceeded` with
 * the member `violated-policies`; ours has the same name and members under this API's own base, where it is explained.
 * `retry_after_ms` is exact: one millisecond earlier is refused, at it the request passes if nobody else comes; null: never.
 */
const quotaExceeded = (judged: Judgement, refused: readonly JudgedLevel[]): Problem => {
  const { retryAfterMs } = judged;
  const never = !Number.isFinite(retryAfterMs);
  const listed = refused.some(({ decidedBy }) => decidedBy === "deny-list");
  const detail = listed
    ? "Whoever asks is on the list of those who are refused"
    : "This is more than may ever be asked at once";
  return new Problem("quota-exceeded", never ? detail : wait(retryAfterMs), {
    headers: limitHeaders(judged, 429),
    members: {
      "violated-policies": refused.map(({ rule }) => policyName(rule.name)),
      retry_after_ms: never ? null : Math.ceil(retryAfterMs),
    },
  });
};

/**
 * Why a judgement refused. A rule that refuses because its store failed (`closed`) says nothing about the caller: that is 503, as
 * the draft's `temporary-reduced-capacity` is, and no 429.
 */
export const refusal = (judged: Judgement): Problem => {
  const refused = eachOnce(judged.levels.filter((level) => binds(level) && !level.decision.allowed));
  if (refused.some(({ decidedBy }) => decidedBy !== "closed")) return quotaExceeded(judged, refused);
  return new Problem("unavailable", "What guards this operation does not answer", {
    headers: { "retry-after": "1", ...retryAfter(judged) },
  });
};

const UNITS = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

const wait = (ms: number): string => {
  const whole = seconds(ms);
  const [size, unit] = UNITS.find(([least]) => whole >= least) ?? UNITS[3];
  const count = Math.ceil(whole / size);
  return `Try again in ${count} ${unit}${count === 1 ? "" : "s"}`;
};
