import { type KeyboardEvent, memo, useRef } from "react";
import { span as duration } from "../format.ts";
import { KindIcon, kindOfArn } from "../kind-icon.tsx";
import { type Extent, initOf, type Row } from "./rows.ts";
import type { Trace } from "./trace-data.ts";

interface Props {
  readonly trace: Trace;
  readonly rows: readonly Row[];
  readonly extent: Extent;
  readonly closed: ReadonlySet<string>;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onToggle: (id: string, open: boolean) => void;
}

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

const WaterfallRow = memo(({ row, title, label, extent, open, selected, focusable }: RowProps) => (
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

const ticks = [0, 0.25, 0.5, 0.75, 1];

const Head = ({ extent }: { extent: Extent }) => (
  // biome-ignore lint/a11y/useSemanticElements: as below
  // biome-ignore lint/a11y/useFocusableInteractive: a heading row takes no focus
  <div role="row" className="wf-row wf-head">
    {["What", "Time taken"].map((name) => (
      // biome-ignore lint/a11y/useSemanticElements: as below
      // biome-ignore lint/a11y/useFocusableInteractive: as above
      <div role="columnheader" key={name}>
        {name}
      </div>
    ))}
    {/* biome-ignore lint/a11y/useSemanticElements: as below */}
    {/* biome-ignore lint/a11y/useFocusableInteractive: as above */}
    <div role="columnheader" className="wf-axis figures" aria-label="When">
      {ticks.map((tick) => (
        <span key={tick}>{duration(extent.ms * tick)}</span>
      ))}
    </div>
  </div>
);

/** Moves within the grid as trees do: arrows walk, left and right close and open, Enter shows. */
const useKeys = ({ rows, closed, onSelect, onToggle }: Props) => {
  const grid = useRef<HTMLDivElement>(null);
  const focus = (row: Row | undefined) => {
    if (row) grid.current?.querySelector<HTMLElement>(`[data-id="${row.span.id}"]`)?.focus();
  };
  const parentOf = (at: number) => rows.slice(0, at).findLast(({ level }) => level < (rows[at]?.level ?? 0));
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const id = (event.target as HTMLElement).closest<HTMLElement>("[data-id]")?.dataset.id;
    const at = rows.findIndex(({ span }) => span.id === id);
    const row = rows[at];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const open = row.children > 0 && !closed.has(row.span.id);
    const left = () => (open ? onToggle(row.span.id, false) : focus(parentOf(at)));
    const right = () =>
      row.children > 0 && !open ? onToggle(row.span.id, true) : focus(open ? rows[at + 1] : undefined);
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focus(rows[at + 1]),
      ArrowUp: () => focus(rows[at - 1]),
      Home: () => focus(rows[0]),
      End: () => focus(rows.at(-1)),
      ArrowLeft: left,
      ArrowRight: right,
      Enter: () => onSelect(row.span.id),
      " ": () => onSelect(row.span.id),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };
  return { grid, onKeyDown };
};

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

/** A trace over time: a tree to the left, bars to the right. The same facts as a tree grid for whoever cannot see the bars. */
export const Waterfall = (props: Props) => {
  const { trace, rows, extent, closed, selected, onSelect, onToggle } = props;
  const { grid, onKeyDown } = useKeys(props);
  const focusable = rows.some(({ span }) => span.id === selected) ? selected : rows[0]?.span.id;
  return (
    <div
      ref={grid}
      role="treegrid"
      aria-label="Spans of this trace"
      className="waterfall"
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const target = event.target as HTMLElement;
        const id = target.closest<HTMLElement>("[data-id]")?.dataset.id;
        if (id === undefined) return;
        if (target.closest("[data-toggle]")) onToggle(id, closed.has(id));
        else onSelect(id);
      }}
    >
      <Head extent={extent} />
      {rows.map((row) => (
        <WaterfallRow
          key={row.span.id}
          row={row}
          title={titleOf(row, trace.labels)}
          label={row.span.kind === "invoke" ? undefined : trace.labels[row.span.node]?.label}
          extent={extent}
          open={!closed.has(row.span.id)}
          selected={row.span.id === selected}
          focusable={row.span.id === focusable}
        />
      ))}
    </div>
  );
};
