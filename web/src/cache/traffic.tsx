import { useState } from "react";
import { percentile } from "../api/latency.ts";
import { Button } from "../ui/button.tsx";
import { count, millis, plural } from "../ui/format.ts";
import { Slider } from "../ui/slider.tsx";
import { FailureNotice } from "../ui/surface.tsx";
import { type Tier, tierName } from "./cache-client.ts";
import { HitChart, LatencyStrip, TierKeys, tiers } from "./tier-charts.tsx";
import type { Sample, TrafficSettings } from "./traffic-run.ts";
import { useTraffic } from "./use-traffic.ts";

const fine = (ms: number) => (ms < 1 ? `${Math.round(ms * 1_000)} µs` : millis(ms));

const TierRow = ({ tier, samples }: { tier: Tier; samples: readonly Sample[] }) => {
  const mine = samples.filter((sample) => sample.tier === tier);
  const took = mine.map(({ tookMs }) => tookMs);
  const whole = mine.map(({ wholeMs }) => wholeMs);
  const cell = (times: readonly number[], p: number) =>
    times.length === 0 ? "" : fine(percentile(times, p));
  return (
    <tr>
      <th scope="row">
        <span className="tier-key" data-tier={tier}>
          {tierName[tier]}
        </span>
      </th>
      <td className="number">{count(mine.length)}</td>
      <td className="number">
        {samples.length === 0 ? "" : `${((mine.length / samples.length) * 100).toFixed(1)} %`}
      </td>
      <td className="number">{cell(took, 50)}</td>
      <td className="number">{cell(took, 95)}</td>
      <td className="number">{cell(whole, 50)}</td>
    </tr>
  );
};

const hitRatio = (samples: readonly Sample[]): string =>
  `${((samples.filter(({ tier }) => tier !== "origin").length / samples.length) * 100).toFixed(1)} %`;

const TierTable = ({ samples }: { samples: readonly Sample[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls sideways must be reachable by keyboard
  <section className="table-scroll" aria-label="Answers by tier" tabIndex={0}>
    <table className="table" data-testid="tiers">
      <thead>
        <tr>
          <th scope="col">Answered by</th>
          {["Reads", "Share", "Median inside", "p95 inside", "Median here"].map((head) => (
            <th key={head} scope="col" className="number">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {tiers.map((tier) => (
          <TierRow key={tier} tier={tier} samples={samples} />
        ))}
      </tbody>
    </table>
  </section>
);

const Sliders = ({
  settings,
  running,
  change,
}: {
  settings: TrafficSettings;
  running: boolean;
  change: (part: Partial<TrafficSettings>) => void;
}) => (
  <div className="form-grid narrow">
    {!running && (
      <>
        <Slider
          label="Different pages"
          words={count(settings.keys)}
          value={settings.keys}
          min={10}
          max={300}
          step={10}
          onChange={(keys) => change({ keys })}
        />
        <Slider
          label="Skew: 0 all alike, 2 few favourites"
          words={settings.skew.toFixed(1)}
          value={settings.skew}
          min={0}
          max={2}
          step={0.1}
          onChange={(skew) => change({ skew })}
        />
      </>
    )}
    <Slider
      label="Reads a second"
      words={count(settings.rate)}
      value={settings.rate}
      min={1}
      max={60}
      step={1}
      onChange={(rate) => change({ rate })}
    />
    <Slider
      label="An entry lives for"
      words={`${settings.ttl} s`}
      value={settings.ttl}
      min={1}
      max={60}
      step={1}
      onChange={(ttl) => change({ ttl })}
    />
  </div>
);

/** Reads as visitors make them, from this browser, and which tier answered each. */
export const Traffic = () => {
  const [settings, setSettings] = useState<TrafficSettings>({ keys: 60, skew: 1, rate: 25, ttl: 10 });
  const { running, samples, failed, failure, start, stop } = useTraffic(settings);
  return (
    <div className="card stack" data-testid="traffic">
      <div className="stack tight">
        <h3>Where answers come from</h3>
        <p className="quiet small">
          Real reads of pages from this browser, a few pages often and many seldom. Each answer says which
          tier it came from and what it took. A page nobody wrote yet is written by the first who asks.
        </p>
      </div>
      <Sliders
        settings={settings}
        running={running}
        change={(part) => setSettings((before) => ({ ...before, ...part }))}
      />
      <div className="row">
        {running ? (
          <Button onClick={stop}>Stop</Button>
        ) : (
          <Button look="primary" onClick={() => void start()}>
            Send reads
          </Button>
        )}
        <span role="status" className="small quiet figures">
          {running && (samples.length === 0 ? "Waiting for the first answer" : "Reading")}
          {failed > 0 && ` ${plural(failed, "read")} got no answer`}
        </span>
      </div>
      <FailureNotice failure={failure} />
      {samples.length > 0 && (
        <>
          <HitChart samples={samples} />
          <TierKeys />
          <LatencyStrip samples={samples} />
          <p>
            Hit ratio <strong className="figures">{hitRatio(samples)}</strong>
            <span className="small quiet">
              {" "}
              of the last {count(samples.length)} reads: answered without the origin
            </span>
          </p>
          <TierTable samples={samples} />
          <p className="small quiet">
            Each dot is one answer, at the time it took inside: measured within the function that answered.
            Here: measured by this browser, network and API Gateway included; p95: all but one in twenty are
            faster. Pages are drawn by Zipf's law, as visitors of a site choose them. Memory belongs to one
            process: another one's first read goes to the store.
          </p>
        </>
      )}
    </div>
  );
};
