import { seeded } from "../ui/seeded.ts";

/**
 * Ranks 0 to n − 1, the k-th at a chance proportional to 1/(k + 1)^skew: as web traffic falls on pages (L. Breslau et al., "Web
 * Caching and Zipf-like Distributions", INFOCOM 1999). Skew 0 is uniform.
 */
export const zipf = (n: number, skew: number, seed: number): (() => number) => {
  const random = seeded(seed);
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= n; rank += 1) {
    sum += rank ** -skew;
    sums.push(sum);
  }
  return () => {
    const at = random() * sum;
    let [low, high] = [0, n - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
};
