import { useEffect, useRef, useState } from "react";
import type { Failure } from "../api/failure.ts";
import { runTraffic, type Sample, type TrafficSettings } from "./traffic-run.ts";

/** As many answers are kept for the pictures; totals count all. */
const KEPT = 600;

interface Traffic {
  readonly running: boolean;
  readonly samples: readonly Sample[];
  /** Reads of this run that got no answer. */
  readonly failed: number;
  /** Why the last one got none; gone as soon as answers come again. */
  readonly failure?: Failure | undefined;
}

/** Real reads from this browser while they run, and the answers that came. */
export const useTraffic = (settings: TrafficSettings) => {
  const [state, setState] = useState<Traffic>({ running: false, samples: [], failed: 0 });
  const latest = useRef(settings);
  latest.current = settings;
  const control = useRef<AbortController>(undefined);
  useEffect(() => () => control.current?.abort(), []);
  const start = async () => {
    control.current?.abort();
    const mine = new AbortController();
    control.current = mine;
    setState({ running: true, samples: [], failed: 0 });
    let fresh: Sample[] = [];
    // Answers come faster than they can be read: what is shown follows four times a second.
    const draw = setInterval(() => {
      if (fresh.length === 0) return;
      const came = fresh;
      fresh = [];
      setState((before) => ({
        ...before,
        failure: undefined,
        samples: [...before.samples, ...came].slice(-KEPT),
      }));
    }, 250);
    await runTraffic({
      signal: mine.signal,
      settings: () => latest.current,
      sample: (sample) => fresh.push(sample),
      fail: (failure) => setState((before) => ({ ...before, failed: before.failed + 1, failure })),
    });
    clearInterval(draw);
    if (control.current === mine) setState((before) => ({ ...before, running: false }));
  };
  return { ...state, start, stop: () => control.current?.abort() };
};
