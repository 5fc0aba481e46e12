import { memo, useState } from "react";
import { Link } from "../../shell/router.tsx";
import { clockTime } from "../format.ts";
import { type Line, readLine } from "./log-data.ts";
import "./logs.css";

const LineView = memo(({ line, linked, of }: { line: Line; linked: boolean; of: string | undefined }) => {
  const { level, text, json } = readLine(line.message);
  const [open, setOpen] = useState(false);
  return (
    <li className="log-line" data-level={level}>
      <span className="log-time">{clockTime(line.timestamp)}</span>
      <span className="log-level">{level}</span>
      <span className="log-text">
        {of !== undefined && <span className="log-of">{of} </span>}
        {json === undefined ? (
          text
        ) : (
          <button type="button" className="log-open" aria-expanded={open} onClick={() => setOpen(!open)}>
            {text}
          </button>
        )}
      </span>
      {linked && line.trace !== undefined && (
        <Link className="log-trace" to={`/console/traces/${line.trace}`}>
          trace
        </Link>
      )}
      {open && json !== undefined && <pre className="log-json">{JSON.stringify(json, null, 2)}</pre>}
    </li>
  );
});

/** Lines of a log, oldest first; those that are JSON open. */
export const LogLines = ({
  lines,
  empty,
  linked = false,
  nameOf,
}: {
  lines: readonly Line[];
  empty: string;
  /** Each line leads to its trace. */
  linked?: boolean;
  /** Who wrote to a log group, where lines are of several. */
  nameOf?: (group: string) => string;
}) =>
  lines.length === 0 ? (
    <p className="small quiet">{empty}</p>
  ) : (
    <ol className="log-lines">
      {lines.map((line) => (
        <LineView key={line.id} line={line} linked={linked} of={line.group && nameOf?.(line.group)} />
      ))}
    </ol>
  );
