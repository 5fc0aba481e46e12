import { memo } from "react";
import { span as duration } from "../format.ts";
import { KindIcon, kindOfArn } from "../kind-icon.tsx";
import { type Extent, initOf, type Row } from "./rows.ts";
import type { Trace } from "./trace-data.ts";

/** What a row is called: an invocation by its function's name, all else by what was done. */
export const titleOf = ({ span }: Row, labels: Trace["labels"]): string =>
  span.kind === "invoke" ? (labels[span.node]?.label ?? span.name) : span.name;

const percent = (part: number, whole: number) => `${((part / whole) * 100).toFixed(3)}%`;

const Bar = ({ row: { span }, extent }: { row: Row; extent: Extent }) => {
  const init = initOf(span);
  const at = span.start - extent.start;
  return (
    <svg className="wf-bar" data-kind={span.kind} aria-hidden="true" focusable="false">
      {init > 0 && (
        <rect
          className="wf-init"
          x={percent(at - init, extent.ms)}
          y="3"
          width={percent(init, extent.ms)}
          height="10"
        />
      )}
      {["2", percent(span.durationMs, extent.ms)].map((width) => (
        // two pixels at least: what took no time happened all the same
        <rect
          key={width}
          className={span.error === undefined ? "wf-span" : "wf-span failed"}
          x={percent(at, extent.ms)}
          y="3"
          width={width}
          height="10"
          rx="1"
        />
      ))}
    </svg>
  );
};

const marksOf = (row: Row): readonly (readonly [tone: string, words: string])[] => {
  const { detail, error } = row.span;
  const [init, reads, writes] = [
    initOf(row.span),
    Number(detail.readUnits ?? 0),
    Number(detail.writeUnits ?? 0),
  ];
  const call = row.span.kind === "aws";
  return [
    init > 0 && (["ember", `cold ${duration(init)}`] as const),
    call && reads > 0 && (["", `${reads} R`] as const),
    call && writes > 0 && (["", `${writes} W`] as const),
    row.attempts > 1 && (["iris", `${call ? "try" : "run"} ${row.attempt} of ${row.attempts}`] as const),
    row.linked && row.level === 1 && (["", "linked"] as const),
    detail.fault !== undefined && (["iris", "fault"] as const),
    error !== undefined && (["bad", "error"] as const),
  ].filter((mark) => mark !== false);
};

interface RowProps {
  readonly row: Row;
  readonly title: string;
  /** Of the resource, where the title does not say it. */
  readonly label: string | undefined;
  readonly extent: Extent;
  readonly open: boolean;
  readonly selected: boolean;
  readonly focusable: boolean;
}

/** A span: what it is, how long it took, and when. */
export const WaterfallRow = memo(({ row, title, label, extent, open, selected, focusable }: RowProps) => (
  // biome-ignore lint/a11y/useSemanticElements: a tree grid has no element of its own
  <div
    role="row"
    className="wf-row"
    data-id={row.span.id}
    tabIndex={focusable ? 0 : -1}
    aria-level={row.level}
    aria-posinset={row.place}
    aria-setsize={row.siblings}
    aria-selected={selected}
    aria-expanded={row.children > 0 ? open : undefined}
  >
    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
    {/* biome-ignore lint/a11y/useFocusableInteractive: the row takes the focus */}
    <div role="gridcell" className="wf-name" data-level={Math.min(row.level, 12)}>
      <span className="wf-toggle" data-toggle={row.children > 0 || undefined} aria-hidden="true">
        {row.children > 0 && (open ? "−" : "+")}
      </span>
      <KindIcon kind={kindOfArn(row.span.node)} />
      <span className="wf-title">
        {title}
        {label !== undefined && <span className="wf-label"> {label}</span>}
      </span>
      {marksOf(row).map(([tone, words]) => (
        <span key={words} className={`badge ${tone}`}>
          {words}
        </span>
      ))}
    </div>
    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
    {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
    <div role="gridcell" className="wf-ms figures">
      {duration(row.span.durationMs)}
    </div>
    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
    {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
    <div role="gridcell" className="wf-time">
      <span className="hidden-visually">
        {`${duration(row.span.start - extent.start)} after the beginning`}
      </span>
      <Bar row={row} extent={extent} />
    </div>
  </div>
));

/** The pattern that cold starts are filled with; once in the page. */
export const Hatch = () => (
  <svg className="hatch" width="0" height="0" aria-hidden="true" focusable="false">
    <defs>
      <pattern id="hatch" patternUnits="userSpaceOnUse" width="5" height="5" patternTransform="rotate(45)">
        <line className="hatch-line" x1="0" y1="0" x2="0" y2="5" />
      </pattern>
    </defs>
  </svg>
);
