import { Latencies } from "../patterns/latencies.tsx";
import { Estimate } from "./estimate.tsx";

/** What this browser measured, and what the estimate calculates: no figure here is written by hand. */
export const Numbers = () => (
  <>
    <Latencies empty="Shorten a URL or run an experiment, and its latencies stand here." />
    <Estimate />
  </>
);
