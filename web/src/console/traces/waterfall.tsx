import { type KeyboardEvent, useRef } from "react";
import { span as duration } from "../format.ts";
import type { Extent, Row } from "./rows.ts";
import type { Trace } from "./trace-data.ts";
import { titleOf, WaterfallRow } from "./waterfall-row.tsx";

interface Props {
  readonly trace: Trace;
  readonly rows: readonly Row[];
  readonly extent: Extent;
  readonly closed: ReadonlySet<string>;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
  readonly onToggle: (id: string, open: boolean) => void;
}

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
