import "./experiment.css";

/** One request: what it was answered, and how that is meant. */
export interface Cell {
  readonly label: string;
  readonly tone: "pending" | "good" | "same" | "refused" | "bad";
}

const tally = (cells: readonly Cell[]) => {
  const counts = new Map<string, { tone: Cell["tone"]; n: number }>();
  for (const { label, tone } of cells) {
    if (tone !== "pending") counts.set(label, { tone, n: (counts.get(label)?.n ?? 0) + 1 });
  }
  return [...counts];
};

const Squares = ({ cells }: { cells: readonly Cell[] }) => (
  <div className="cells" aria-hidden="true">
    {cells.map((cell, i) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its request's place in the order sent
      <span key={i} className={`cell ${cell.tone}`} title={cell.label} />
    ))}
  </div>
);

const Rows = ({ cells, rows }: { cells: readonly Cell[]; rows: readonly string[] }) => {
  const each = cells.length / rows.length;
  return (
    <ul className="cell-rows">
      {rows.map((name, i) => {
        const mine = cells.slice(i * each, (i + 1) * each);
        const passed = mine.filter(({ tone }) => tone === "good").length;
        return (
          <li key={name}>
            <span className="small">{name}</span>
            <span className="small figures quiet">
              {mine.some(({ tone }) => tone !== "pending") && `${passed} of ${each}`}
            </span>
            <Squares cells={mine} />
          </li>
        );
      })}
    </ul>
  );
};

/** Requests as squares, and how many were answered how. */
export const Cells = ({ cells, rows = [] }: { cells: readonly Cell[]; rows?: readonly string[] }) => (
  <>
    {rows.length > 0 ? <Rows cells={cells} rows={rows} /> : <Squares cells={cells} />}
    <p className="row small figures">
      {tally(cells).map(([label, { tone, n }]) => (
        <span key={label} className="cell-key">
          <span className={`cell ${tone}`} aria-hidden="true" /> {n} × {label}
        </span>
      ))}
    </p>
  </>
);
