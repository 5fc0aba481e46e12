import { useRef } from "react";
import { plural } from "../ui/format.ts";
import { useWidth } from "../ui/use-width.ts";
import { loadsOf, READERS, type Reader } from "./stampede-run.ts";

const LINE = 3.5;
const HEIGHT = READERS * LINE;

const tierOf = ({ got }: Reader) => (got.ok ? (got.data.loaded ? "origin" : got.data.tier) : "failed");

const steps = [500, 1_000, 2_000, 5_000, 10_000] as const;
const APART = 56;

/** Instants to mark, so far apart that their words do not meet. */
const ticksTo = (longest: number, width: number): readonly number[] => {
  const step = steps.find((ms) => (ms / longest) * width >= APART) ?? longest;
  return Array.from({ length: Math.floor(longest / step) + 1 }, (_, i) => i * step);
};

type Scale = (ms: number) => number;

const Ticks = ({ x, longest, width }: { x: Scale; longest: number; width: number }) =>
  ticksTo(longest, width).map((ms) => (
    <g key={ms}>
      <line className="chart-grid" x1={x(ms)} x2={x(ms)} y1={0} y2={HEIGHT} />
      <text className="chart-text" x={x(ms)} y={HEIGHT + 14} textAnchor={ms === 0 ? "start" : "middle"}>
        {x(ms) < width - 16 && `${ms / 1_000} s`}
      </text>
    </g>
  ));

const Lines = ({ readers, x }: { readers: readonly Reader[]; x: Scale }) =>
  readers
    .toSorted((a, b) => a.from - b.from)
    .map((reader, i) => (
      <line
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its reader's place in the order they asked
        key={i}
        className="stampede-line"
        data-tier={tierOf(reader)}
        x1={x(reader.from)}
        x2={Math.max(x(reader.from) + 2, x(reader.to))}
        y1={i * LINE + LINE / 2}
        y2={i * LINE + LINE / 2}
      />
    ));

const keys = [
  ["origin", "asked the origin"],
  ["l2", "had it from the store"],
  ["l1", "had it from memory"],
] as const;

/** Readers in the order they asked, each a line from asking to answer, in the colour of who had its answer. */
export const StampedeChart = ({
  title,
  name,
  readers,
  longest,
}: {
  title: string;
  name: string;
  readers: readonly Reader[];
  longest: number;
}) => {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, 300);
  const x: Scale = (ms) => (ms / longest) * width;
  const { loads, answered } = loadsOf(readers);
  const said = `${plural(loads, "reader")} of ${READERS} asked the origin, ${answered} were answered`;
  const done = readers.length === READERS;
  return (
    <article className="stampede" data-protection={name}>
      <h4>{title}</h4>
      <p className="small figures" role="status">
        {done ? said : readers.length === 0 ? "not run yet" : `${readers.length} of ${READERS} answered`}
      </p>
      <div ref={box}>
        <svg width={width} height={HEIGHT + 18} role="img" aria-label={done ? said : "Not run to its end"}>
          <Ticks x={x} longest={longest} width={width} />
          <Lines readers={readers} x={x} />
        </svg>
      </div>
      <p className="row small">
        {keys.map(([tier, words]) => (
          <span key={tier} className="tier-key" data-tier={tier}>
            {words}
          </span>
        ))}
      </p>
    </article>
  );
};
