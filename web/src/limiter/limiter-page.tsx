import { lazy, Suspense } from "react";
import { ExperimentList } from "../patterns/experiment-list.tsx";
import { PatternPage } from "../patterns/pattern-page.tsx";
import { experiments } from "./experiment-specs.ts";
import { Flood } from "./flood.tsx";
import { LastHeaders } from "./headers-view.tsx";
import { Lab } from "./lab.tsx";
import { LimiterNumbers } from "./limiter-numbers.tsx";
import { LiveLimits } from "./live-limits.tsx";
import { OwnRules } from "./own-rules.tsx";
import "../ui/charts.css";
import "./limiter.css";

// Of the local cloud alone: a build for AWS holds nothing of it.
const StoreFailure = import.meta.env.VITE_LOCAL_CLOUD
  ? lazy(async () => ({ default: (await import("./store-failure.tsx")).StoreFailure }))
  : undefined;

/** The rate limiter: compare its algorithms, watch the limits of this app, break it, read its numbers. */
export const LimiterPage = () => {
  return (
    <PatternPage
      slug="limiter"
      parts={{
        try: {
          intro:
            "One load, seven ways to decide. Move the sliders, play it, and see what each lets through and what it remembers.",
          body: (
            <>
              <Lab />
              <OwnRules />
            </>
          ),
        },
        watch: {
          intro:
            "This API is guarded by the same limiter: its rules, what is left of them, and what answers say.",
          body: (
            <>
              <Flood />
              <LiveLimits />
              <LastHeaders />
            </>
          ),
        },
        break: {
          intro:
            "Races and edges, sent by this browser to the running API. Each experiment states what must hold, then shows what came.",
          body: (
            <ExperimentList experiments={experiments}>
              {StoreFailure && (
                <Suspense>
                  <StoreFailure />
                </Suspense>
              )}
            </ExperimentList>
          ),
        },
        numbers: {
          intro: "What this browser measured, and what the design calculates, each called by its name.",
          body: <LimiterNumbers />,
        },
      }}
    />
  );
};
