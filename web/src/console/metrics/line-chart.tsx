import { clockTime } from "../format.ts";
import { ceiling } from "./metric-data.ts";

const width = 600;
const height = 160;
const MINUTE = 60_000;

/** A value at a time. */
export interface Dot {
  readonly at: number;
  readonly value: number;
}

const figures = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

/** A value as the chart and its table write it. */
export const figure = (value: number): string => figures.format(value);

/** `14:03`. */
export const minuteTime = (at: number): string => clockTime(at).slice(0, 5);

/** Stretches without a gap: minutes without data are not drawn over. */
const stretches = (dots: readonly Dot[]): readonly (readonly Dot[])[] => {
  const found: Dot[][] = [];
  for (const dot of dots) {
    const last = found.at(-1);
    if (last && dot.at - (last.at(-1)?.at ?? 0) <= MINUTE) last.push(dot);
    else found.push([dot]);
  }
  return found;
};

/** Values over time as a line; a threshold, where one is watched. The numbers stand in the table behind it. */
export const LineChart = ({
  dots,
  from,
  to,
  label,
  threshold,
}: {
  dots: readonly Dot[];
  from: number;
  to: number;
  label: string;
  threshold?: number | undefined;
}) => {
  const top = ceiling(Math.max(threshold ?? 0, ...dots.map(({ value }) => value)));
  const bottom = Math.min(0, ...dots.map(({ value }) => value));
  const x = (at: number) => ((at - from) / Math.max(1, to - from)) * width;
  const y = (value: number) => height - ((value - bottom) / (top - bottom)) * (height - 8);
  const path = (some: readonly Dot[]) => some.map(({ at, value }) => `${x(at)},${y(value)}`).join(" ");
  return (
    <figure className="line-chart">
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {[0.5, 1].map((share) => (
          <line
            key={share}
            className="line-grid"
            x1="0"
            x2={width}
            y1={y(bottom + (top - bottom) * share)}
            y2={y(bottom + (top - bottom) * share)}
          />
        ))}
        <line className="line-axis" x1="0" x2={width} y1={y(0)} y2={y(0)} />
        {threshold !== undefined && (
          <line className="line-threshold" x1="0" x2={width} y1={y(threshold)} y2={y(threshold)} />
        )}
        {stretches(dots).map((some) => (
          <polyline key={some[0]?.at} className="line" points={path(some)} />
        ))}
        {dots.map((dot) => (
          <g key={dot.at}>
            <title>{`${minuteTime(dot.at)}: ${figure(dot.value)}`}</title>
            <line className="line-dot" x1={x(dot.at)} x2={x(dot.at)} y1={y(dot.value)} y2={y(dot.value)} />
          </g>
        ))}
      </svg>
      <figcaption className="line-legend">
        <span>{minuteTime(from)}</span>
        <span>top line {figure(top)}</span>
        <span>{minuteTime(to)}</span>
      </figcaption>
    </figure>
  );
};
