import { memo, useId, useRef } from "react";
import { plural } from "../ui/format.ts";
import { useWidth } from "../ui/use-width.ts";
import { algorithmText } from "./algorithm-text.ts";
import { spanOf, WINDOWS } from "./arrivals.ts";
import {
  admittedPath,
  areaOf,
  deniedPath,
  geometry,
  heldPath,
  lineOf,
  type Scale,
  tallyAt,
  valueAt,
} from "./lane-shapes.ts";
import type { Run } from "./simulate.ts";
import "./lane.css";

interface Drawing {
  readonly run: Run;
  readonly limit: number;
  readonly windowMs: number;
  /** The top of the lower scale, the same in all lanes. */
  readonly top: number;
  readonly x: Scale;
  readonly width: number;
}

const Windows = ({ x, windowMs }: Pick<Drawing, "x" | "windowMs">) =>
  Array.from({ length: WINDOWS - 1 }, (_, i) => (i + 1) * windowMs).map((at) => (
    <line key={at} className="lane-window" x1={x(at)} x2={x(at)} y1={0} y2={geometry.height} />
  ));

const Marks = ({ run, x }: Pick<Drawing, "run" | "x">) => {
  const rows = run.marks.some(({ client }) => client === 1) ? 2 : 1;
  return (
    <>
      <path className="mark-held" d={heldPath(run.marks, x, rows)} />
      <path className="mark-admitted" d={admittedPath(run.marks, x, rows)} />
      <path className="mark-denied" d={deniedPath(run.marks, x, rows)} />
    </>
  );
};

const Used = ({ run, x, width }: Pick<Drawing, "run" | "x" | "width">) => {
  const { top, height } = geometry.used;
  const y: Scale = (units) => top + height - (Math.min(units, run.capacity) / run.capacity) * height;
  return (
    <g className="lane-used">
      {run.used.map((points, client) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its client's
        <g key={client} data-client={client}>
          <path className="area" d={areaOf(points, x, y)} />
          <path className="line" d={lineOf(points, x, y)} />
        </g>
      ))}
      <line className="lane-limit" x1={0} x2={width} y1={top} y2={top} />
      <line className="lane-floor" x1={0} x2={width} y1={top + height} y2={top + height} />
    </g>
  );
};

const Served = ({ run, limit, top: most, x, width }: Drawing) => {
  const clip = useId();
  const { top, height } = geometry.served;
  const y: Scale = (units) => top + height - (units / most) * height;
  return (
    <g className="lane-served">
      <clipPath id={clip}>
        <rect x={0} y={top - 4} width={width} height={Math.max(0, y(limit) - top + 2.5)} />
      </clipPath>
      {run.served.map((points, client) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its client's
        <g key={client} data-client={client}>
          <path className="area" d={areaOf(points, x, y)} />
          <path className="line" d={lineOf(points, x, y)} />
          <g clipPath={`url(#${clip})`}>
            <path className="area above" d={areaOf(points, x, y)} />
            <path className="line above" d={lineOf(points, x, y)} />
          </g>
        </g>
      ))}
      <line className="lane-limit" x1={0} x2={width} y1={y(limit)} y2={y(limit)} />
      <line className="lane-floor" x1={0} x2={width} y1={top + height} y2={top + height} />
    </g>
  );
};

const Words = ({ run, limit, windowMs, width }: Omit<Drawing, "x" | "top">) => (
  <g className="lane-words">
    <text x={0} y={geometry.used.top - 7}>
      {algorithmText[run.algorithm].line}
    </text>
    <text x={width} y={geometry.used.top - 7} className="end">
      of {run.capacity}
    </text>
    <text x={0} y={geometry.served.top - 9}>
      served in the last {windowMs / 1_000} s
    </text>
    <text x={width} y={geometry.served.top - 9} className={run.most > limit ? "end over" : "end"}>
      most {run.most}, limit {limit}
    </text>
  </g>
);

/** What stands still while the playhead moves: drawn once for a run and a width. */
const Still = memo((drawing: Omit<Drawing, "x">) => {
  const span = spanOf(drawing);
  const x: Scale = (at) => (at / span) * drawing.width;
  return (
    <>
      <Windows x={x} windowMs={drawing.windowMs} />
      <Marks run={drawing.run} x={x} />
      <Used run={drawing.run} x={x} width={drawing.width} />
      <Served {...drawing} x={x} />
    </>
  );
});

const Head = ({ run, at }: { run: Run; at: number }) => {
  const { admitted, denied, held } = tallyAt(run.marks, at);
  const now = Math.round(valueAt(run.used[0] ?? [], at) * 10) / 10;
  return (
    <header className="lane-head">
      <h4>{algorithmText[run.algorithm].name}</h4>
      <p className="figures small">
        <span className="tone-admitted">{admitted} admitted</span>
        {held > 0 && <span className="tone-held">{held} held</span>}
        <span className="tone-denied">{denied} denied</span>
        <span className="hidden-visually">, level {now}</span>
      </p>
    </header>
  );
};

const spokenOf = (run: Run, limit: number, windowMs: number) => {
  const { admitted, denied, seen } = tallyAt(run.marks, Number.POSITIVE_INFINITY);
  const over = run.most > limit ? `: ${run.most - limit} more than the limit` : "";
  return `${algorithmText[run.algorithm].name}: of ${plural(seen, "request")}, ${admitted} admitted and ${denied} denied; at most ${run.most} units served within ${windowMs / 1_000} seconds${over}. The table below has the figures.`;
};

/** One algorithm as it decides: requests, what it remembers, and what it let through in any window. */
export const Lane = ({
  run,
  limit,
  windowMs,
  top,
  at,
}: Pick<Drawing, "run" | "limit" | "windowMs" | "top"> & { at: number }) => {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, 420);
  const span = spanOf({ windowMs });
  const here = (at / span) * width;
  return (
    <article className="lane" data-algorithm={run.algorithm}>
      <Head run={run} at={at} />
      <p className="quiet small lane-how">{algorithmText[run.algorithm].how}</p>
      <div ref={box}>
        <svg width={width} height={geometry.height} role="img" aria-label={spokenOf(run, limit, windowMs)}>
          <Still {...{ run, limit, windowMs, top, width }} />
          {at < span && (
            <g>
              <rect className="lane-veil" x={here} y={0} width={width - here} height={geometry.height} />
              <line className="lane-now" x1={here} x2={here} y1={0} y2={geometry.height} />
            </g>
          )}
          <Words {...{ run, limit, windowMs, width }} />
        </svg>
      </div>
    </article>
  );
};
