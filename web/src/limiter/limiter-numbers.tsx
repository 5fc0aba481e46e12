import { Latencies } from "../patterns/latencies.tsx";
import { DecisionCost } from "./decision-cost.tsx";

/** What this browser measured, and what a decision costs by the design. */
export const LimiterNumbers = () => (
  <>
    <Latencies of="/limits/" empty="Check a rule or flood a route, and its latencies stand here." />
    <DecisionCost />
  </>
);
