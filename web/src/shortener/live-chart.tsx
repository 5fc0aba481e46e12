import { count, plural } from "../ui/format.ts";
import type { Tick } from "./use-live-stats.ts";
import "../ui/charts.css";

const width = 600;
const height = 150;
const slots = 60;
const slot = width / slots;

/** Clicks between one look and the next. The first look has none before it. */
export const steps = (ticks: readonly Tick[]): readonly { at: number; people: number; bots: number }[] =>
  ticks.slice(1).map((tick, i) => {
    const before = ticks[i] ?? tick;
    return {
      at: tick.at,
      people: Math.max(0, tick.people - before.people),
      bots: Math.max(0, tick.bots - before.bots),
    };
  });

/** The next round figure, so that the scale does not jump with every click. */
const ceiling = (most: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= most) ?? most;
};

const StepBars = ({ bars, y }: { bars: ReturnType<typeof steps>; y: (n: number) => number }) =>
  bars.map(({ at, people, bots }, i) => {
    const place = { x: width - (bars.length - i) * slot + 1, width: slot - 2 };
    return (
      <g key={at}>
        <rect className="bar-people" {...place} y={height - y(people)} height={y(people)} />
        <rect className="bar-bots" {...place} y={height - y(people + bots)} height={y(bots)} />
      </g>
    );
  });

/** Clicks a second over the last minute, the latest at the right. */
export const LiveChart = ({ ticks }: { ticks: readonly Tick[] }) => {
  const bars = steps(ticks);
  const top = ceiling(Math.max(4, ...bars.map(({ people, bots }) => people + bots)));
  const y = (n: number) => (n / top) * (height - 8);
  const recent = bars.reduce((sum, { people, bots }) => sum + people + bots, 0);
  return (
    <figure className="chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${plural(recent, "click")} while you watched, at most the last minute`}
      >
        {[0.5, 1].map((share) => {
          const level = height - y(top * share);
          return <line key={share} className="chart-grid" x1="0" x2={width} y1={level} y2={level} />;
        })}
        <line className="chart-axis" x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} />
        <StepBars bars={bars} y={y} />
      </svg>
      <figcaption className="chart-legend">
        <span>60 s ago</span>
        <span className="figures">top line {count(top)} clicks a look</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
};
