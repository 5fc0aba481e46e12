import type { AlgorithmName } from "#core/limits/rule.schema.ts";
import { plural } from "../ui/format.ts";
import type { Load, Preset } from "./arrivals.ts";
import { tallyAt } from "./lane-shapes.ts";
import type { Run } from "./simulate.ts";

/** What a load brings to light, in figures counted on its runs. */
export const findingOf = (
  load: Pick<Load, "preset" | "limit" | "windowMs">,
  runs: readonly Run[],
): string => {
  const run = (algorithm: AlgorithmName) => runs.find((one) => one.algorithm === algorithm);
  const most = (algorithm: AlgorithmName) => run(algorithm)?.most ?? 0;
  const admitted = (algorithm: AlgorithmName) =>
    tallyAt(run(algorithm)?.marks ?? [], Number.POSITIVE_INFINITY).admitted;
  const all = runs[0]?.marks.length ?? 0;
  const within = `within ${load.windowMs / 1_000} s`;
  const longest = Math.max(0, ...(run("leaky-queue")?.marks ?? []).map(({ waitMs }) => waitMs)) / 1_000;
  const modest = (algorithm: AlgorithmName) =>
    (run(algorithm)?.marks ?? []).filter(({ client, allowed }) => client === 0 && !allowed).length;
  const words: Readonly<Record<Preset, string>> = {
    edge: `The fixed window served ${most("fixed-window")} units ${within}, at a limit of ${load.limit}; the sliding log never more than ${most("sliding-window-log")}. The sliding counter takes the last window's requests for evenly spread, and served ${most("sliding-window-counter")}; a bucket ${most("token-bucket")}: its burst, and what came back meanwhile.`,
    bursty: `A bucket has refilled after a silence and takes the next crowd: ${admitted("token-bucket")} of ${all} admitted, by the sliding log ${admitted("sliding-window-log")}. The queue takes the same and spreads it out: somebody waited ${longest.toFixed(1)} s.`,
    steady: `Where requests come evenly the choice matters least: the fixed window admitted ${admitted("fixed-window")} of ${all}, the sliding log ${admitted("sliding-window-log")}, a bucket ${admitted("token-bucket")}.`,
    heavy: `After a long silence comes a crowd: a bucket, full by then, admitted ${admitted("token-bucket")} of ${all}, the sliding log ${admitted("sliding-window-log")}. Most ${within}: ${most("token-bucket")} and ${most("sliding-window-log")} units.`,
    two: `The modest client was denied ${plural(modest("sliding-window-log"), "time")} by the sliding log and ${modest("fixed-window")} by the fixed window, as the box above says whom to count.`,
  };
  return words[load.preset];
};
