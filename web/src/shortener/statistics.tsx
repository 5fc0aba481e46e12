import { useRef } from "react";
import type { Link, LinkStats } from "#core/shortener/link.schema.ts";
import { count, country } from "../ui/format.ts";
import { DaysChart } from "./days-chart.tsx";
import { useLiveStats } from "./use-live-stats.ts";
import { LivePanel } from "./watch.tsx";

interface Row {
  readonly name: string;
  readonly clicks: number;
}

const Breakdown = ({ title, rows }: { title: string; rows: readonly Row[] }) => {
  const top = Math.max(1, ...rows.map(({ clicks }) => clicks));
  return (
    <section className="breakdown">
      <h3>{title}</h3>
      {rows.length === 0 ? (
        <p className="quiet small">None yet</p>
      ) : (
        <ul className="breakdown-rows">
          {rows
            .toSorted((a, b) => b.clicks - a.clicks)
            .slice(0, 10)
            .map(({ name, clicks }) => (
              <li key={name} className="breakdown-row">
                <div
                  className="breakdown-bar"
                  style={{ width: `${(clicks / top) * 100}%` }}
                  aria-hidden="true"
                />
                <span title={name}>{name}</span>
                <span className="figures mono">{count(clicks)}</span>
              </li>
            ))}
        </ul>
      )}
    </section>
  );
};

const Breakdowns = ({ stats }: { stats: LinkStats }) => (
  <div className="breakdowns">
    <Breakdown
      title="Countries"
      rows={stats.countries.map((row) => ({ name: country(row.country), clicks: row.clicks }))}
    />
    <Breakdown
      title="Referrers"
      rows={stats.referrers.map((row) => ({
        name: row.referrer || "None: typed or hidden",
        clicks: row.clicks,
      }))}
    />
    <Breakdown
      title="Devices"
      rows={stats.devices.map((row) => ({ name: row.device, clicks: row.clicks }))}
    />
  </div>
);

/** Everything counted about a link, live. */
export const Statistics = ({ link }: { link: Link }) => {
  const element = useRef<HTMLElement>(null);
  const live = useLiveStats(link, element);
  return (
    <section className="card stack" ref={element} aria-labelledby="statistics">
      <h2 id="statistics" className="card-title">
        Statistics
      </h2>
      <LivePanel live={live} />
      {live.stats && (
        <>
          <h3>The last 30 days</h3>
          <DaysChart days={live.stats.days} />
          <Breakdowns stats={live.stats} />
        </>
      )}
    </section>
  );
};
