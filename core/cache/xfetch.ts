/**
 * Whether to load anew before the end, so that seldom two do it at once and nobody waits:
 * now − loadMs · β · ln(random) ≥ expiry. Slow loads begin earlier; β above 1 is earlier still.
 * Source: Vattani, Chierichetti, Lowenstein: "Optimal Probabilistic Cache Stampede Prevention", PVLDB 8(8), 2015, figure 3
 * (with β = 1, theirs). `random` is in (0, 1].
 */
export const isEarly = (now: number, expiry: number, loadMs: number, random: number, beta: number): boolean =>
  now - loadMs * beta * Math.log(random) >= expiry;
