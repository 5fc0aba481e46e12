import { Badge } from "../ui/surface.tsx";
import { algorithmText } from "./algorithm-text.ts";
import type { Run } from "./simulate.ts";

const names = ["token-bucket", "leaky-bucket", "gcra"] as const;

/** Decisions in which all runs agree. */
export const agreed = (runs: readonly Run[]): number => {
  const [first, ...others] = runs;
  if (!first) return 0;
  return first.marks.filter((mark, i) => others.every((run) => run.marks[i]?.allowed === mark.allowed))
    .length;
};

/** Why three of the lanes look alike, with the proof counted on what was just drawn. */
export const SameLine = ({ runs, limit, burst }: { runs: readonly Run[]; limit: number; burst: number }) => {
  const three = runs.filter(({ algorithm }) => names.some((name) => name === algorithm));
  const decisions = three[0]?.marks.length ?? 0;
  const same = agreed(three);
  return (
    <article className="lane same-line">
      <header className="lane-head">
        <h4>Three names, one line</h4>
        <Badge tone={same === decisions ? "good" : "bad"}>
          {same} of {decisions} decisions equal
        </Badge>
      </header>
      <p className="small">
        {algorithmText["token-bucket"].name}, leaky meter and GCRA tell the same story. A bucket of {burst}{" "}
        that refills at the rate is one that leaks at the rate, seen from the other side: tokens left + water
        = {burst}. GCRA stores neither; it keeps the instant at which the water would be gone. That instant
        moves on by cost × window ÷ limit with each admission, and water = (instant − now) × limit ÷ window.
      </p>
      <p className="small">
        So all three are one timestamp and one conditional write, and here one function under three names. The
        queue keeps the same timestamp too, but holds a request until its turn instead of letting the burst
        through at once.
      </p>
      <p className="small quiet">
        A bucket admits up to burst + limit = {burst + limit} within one window: the burst, and what refills
        meanwhile. That is what a burst is for; where it must never be, choose the sliding log.
      </p>
    </article>
  );
};
