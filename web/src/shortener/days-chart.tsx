import type { LinkStats } from "#core/shortener/link.schema.ts";
import { count, day, plural } from "../ui/format.ts";
import { More } from "../ui/surface.tsx";
import "../ui/charts.css";

type Day = LinkStats["days"][number];
const height = 150;
const width = 600;

const DayBar = ({ one, x, size, top }: { one: Day; x: number; size: number; top: number }) => {
  const y = (n: number) => (n / top) * (height - 8);
  const gap = Math.min(4, size * 0.2);
  return (
    <g>
      <title>{`${day(one.day)}: ${plural(one.clicks, "click")}, ${plural(one.bots, "bot")}`}</title>
      <rect x={x} width={size} y="0" height={height} fill="transparent" />
      <rect
        className="bar-people"
        x={x + gap / 2}
        width={size - gap}
        y={height - y(one.clicks)}
        height={y(one.clicks)}
      />
      <rect
        className="bar-bots"
        x={x + gap / 2}
        width={size - gap}
        y={height - y(one.clicks + one.bots)}
        height={y(one.bots)}
      />
    </g>
  );
};

const DaysTable = ({ days }: { days: readonly Day[] }) => (
  <table className="table">
    <caption>Clicks by day (UTC)</caption>
    <thead>
      <tr>
        <th scope="col">Day</th>
        <th scope="col" className="number">
          People
        </th>
        <th scope="col" className="number">
          Bots
        </th>
      </tr>
    </thead>
    <tbody>
      {days.map((one) => (
        <tr key={one.day}>
          <th scope="row">{day(one.day)}</th>
          <td className="number">{count(one.clicks)}</td>
          <td className="number">{count(one.bots)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** Clicks by day as bars, and as a table for who cannot see bars. */
export const DaysChart = ({ days }: { days: readonly Day[] }) => {
  const sorted = days.toSorted((a, b) => a.day.localeCompare(b.day));
  const top = Math.max(4, ...sorted.map(({ clicks, bots }) => clicks + bots));
  const size = width / Math.max(1, sorted.length);
  const total = sorted.reduce((sum, { clicks }) => sum + clicks, 0);
  return (
    <>
      <figure className="chart">
        <svg
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${plural(total, "click")} by people in ${plural(sorted.length, "day")}; the table below has each day`}
        >
          {[0.5, 1].map((share) => (
            <line
              key={share}
              className="chart-grid"
              x1="0"
              x2={width}
              y1={height - share * (height - 8)}
              y2={height - share * (height - 8)}
            />
          ))}
          <line className="chart-axis" x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} />
          {sorted.map((one, i) => (
            <DayBar key={one.day} one={one} x={i * size} size={size} top={top} />
          ))}
        </svg>
        <figcaption className="chart-legend">
          <span>{sorted[0] ? day(sorted[0].day) : ""}</span>
          <span className="figures">top line {count(top)}</span>
          <span>{sorted.length > 1 ? day(sorted.at(-1)?.day ?? "") : ""}</span>
        </figcaption>
      </figure>
      <More summary="The same as a table">
        <DaysTable days={sorted} />
      </More>
    </>
  );
};
