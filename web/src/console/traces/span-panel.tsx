import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { clockTime, span as duration } from "../format.ts";
import { KindIcon, kindOfArn } from "../kind-icon.tsx";
import { initOf, type Row } from "./rows.ts";
import type { Trace } from "./trace-data.ts";
import { titleOf } from "./waterfall-row.tsx";

const words = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);

// Said elsewhere in the panel, or of no use to a reader.
const silent = new Set(["initMs", "links", "fault"]);

const factsOf = ({ span }: Row): readonly (readonly [string, string])[] => {
  const init = initOf(span);
  return [
    ["Started", clockTime(span.start)],
    ["Took", duration(span.durationMs)],
    ...(init > 0 ? ([["Cold start before it", duration(init)]] as const) : []),
    ...Object.entries(span.detail)
      .filter(([name, value]) => !silent.has(name) && value !== undefined && value !== null)
      .map(([name, value]) => [name, words(value)] as const),
    ["Resource", span.node],
    ...(span.from === undefined ? [] : ([["Caused by", span.from]] as const)),
  ];
};

/** Everything known of one span, and where to look on. */
export const SpanPanel = ({ row, trace, onClose }: { row: Row; trace: Trace; onClose: () => void }) => {
  const { span } = row;
  const known = trace.labels[span.node];
  return (
    <aside className="card span-panel" aria-label="Chosen span">
      <div className="row apart">
        <h2>
          <KindIcon kind={kindOfArn(span.node)} /> {titleOf(row, trace.labels)}
        </h2>
        <Button look="plain" size="icon" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </Button>
      </div>
      {span.error !== undefined && <p className="span-error">{span.error}</p>}
      {span.detail.fault !== undefined && (
        <p className="small">Made to fail on purpose: {words(span.detail.fault)}</p>
      )}
      <dl className="facts">
        {factsOf(row).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="row tight">
        {known && (
          <Link className="button chip" to={`/map?node=${encodeURIComponent(span.node)}`}>
            On the map
          </Link>
        )}
        {span.kind === "invoke" && known && (
          <Link className="button chip" to={`/console/logs/${encodeURIComponent(known.label)}`}>
            Its logs
          </Link>
        )}
        {row.linked && (
          <Link className="button chip" to={`/console/traces/${span.traceId}`}>
            Its own trace
          </Link>
        )}
      </p>
    </aside>
  );
};
