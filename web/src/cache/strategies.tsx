import { useEffect, useRef, useState } from "react";
import { percentile } from "../api/latency.ts";
import { Button } from "../ui/button.tsx";
import { count, millis } from "../ui/format.ts";
import { FailureNotice } from "../ui/surface.tsx";
import {
  median,
  runStrategy,
  type StrategyName,
  type StrategyRun,
  strategies,
  workload,
} from "./strategy-run.ts";
import { TierKeys, tiers } from "./tier-charts.tsx";

const shortName = { l1: "memory", l2: "store", origin: "origin" } as const;

type Runs = Partial<Record<StrategyName, StrategyRun>>;

const ms = (value: number | undefined) => (value === undefined ? "" : millis(value));

const ShareBar = ({ run }: { run: StrategyRun | undefined }) => (
  <div className="share-bar" aria-hidden="true">
    {run &&
      tiers.map((tier) => (
        <span
          key={tier}
          data-tier={tier}
          style={{ width: `${(run.by[tier] / Math.max(1, run.reads)) * 100}%` }}
        />
      ))}
  </div>
);

const Column = ({
  name,
  label,
  how,
  run,
}: {
  name: StrategyName;
  label: string;
  how: string;
  run: StrategyRun | undefined;
}) => {
  const figures = [
    ["a read, median", ms(run && median(run.readMs))],
    ["a read, p95", ms(run && run.readMs.length > 0 ? percentile(run.readMs, 95) : undefined)],
    ["a write, median", ms(run && median(run.writeMs))],
    ["reads that waited for the origin", run ? count(run.loads) : ""],
    ["reads that were stale", run ? count(run.stale) : ""],
  ] as const;
  return (
    <article className="strategy" data-strategy={name} data-done={run !== undefined && run.done === run.all}>
      <h4>{label}</h4>
      <p className="small quiet">{how}</p>
      <ShareBar run={run} />
      <p className="small quiet figures">
        {run ? tiers.map((tier) => `${run.by[tier]} ${shortName[tier]}`).join(" · ") : "not run yet"}
      </p>
      <dl className="strategy-figures">
        {figures.map(([what, figure]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd className="figures mono">{figure || "–"}</dd>
          </div>
        ))}
      </dl>
    </article>
  );
};

/** Four strategies at the same work, at the same time, over the real API. */
export const Strategies = () => {
  const [runs, setRuns] = useState<Runs>({});
  const [busy, setBusy] = useState(false);
  const [seed, setSeed] = useState(1);
  const control = useRef<AbortController>(undefined);
  useEffect(() => () => control.current?.abort(), []);
  const run = async () => {
    control.current = new AbortController();
    const { signal } = control.current;
    setBusy(true);
    setRuns({});
    const operations = workload(seed);
    await Promise.all(
      strategies.map(([name]) =>
        runStrategy(name, operations, (one) => setRuns((before) => ({ ...before, [name]: one })), signal),
      ),
    );
    setBusy(false);
    setSeed(seed + 1);
  };
  const done = Object.values(runs).reduce((sum, one) => sum + one.done, 0);
  const failed = Object.values(runs).find(({ failure }) => failure && failure.kind !== "aborted");
  const all = Object.values(runs).reduce((sum, one) => sum + one.all, 0);
  return (
    <div className="card stack" data-testid="strategies">
      <div className="stack tight">
        <h3>Four strategies, the same work</h3>
        <p className="quiet small">
          When is the record behind the cache written, and who waits for it? 60 operations on 6 keys, ten a
          second at most, one in five a write; entries live for two seconds, and the origin is made 40 ms
          slower. Each strategy has its own namespace, and all run at once.
        </p>
      </div>
      <div className="row">
        <Button look="primary" busy={busy} onClick={() => void run()}>
          Run all four
        </Button>
        {busy && (
          <Button look="plain" onClick={() => control.current?.abort()}>
            Stop
          </Button>
        )}
        <span role="status" className="small quiet figures">
          {all > 0 &&
            (done === all
              ? `All ${count(all)} operations answered`
              : `${busy ? "Running" : "Stopped"}: ${count(done)} of ${count(all)} answered`)}
        </span>
      </div>
      <FailureNotice failure={failed?.failure} retry={() => void run()} />
      <TierKeys />
      <div className="strategies">
        {strategies.map(([name, label, how]) => (
          <Column key={name} name={name} label={label} how={how} run={runs[name]} />
        ))}
      </div>
      <p className="small quiet">
        Times are measured by this browser, network included; where answers came from is counted from what
        they say. Stale: an older value than the last write acknowledged, since another process's memory had
        not heard of it yet.
      </p>
    </div>
  );
};
