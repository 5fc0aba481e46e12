import { useState } from "react";
import { Link } from "../../shell/router.tsx";
import { CopyButton } from "../../ui/button.tsx";
import { count, plural } from "../../ui/format.ts";
import { FailureNotice, Notice, Skeleton } from "../../ui/surface.tsx";
import { useView } from "../client.ts";
import { clockTime, shortArn, span } from "../format.ts";
import { useLive } from "../live.ts";
import { type Line, TraceLines } from "../logs/log-data.ts";
import { LogLines } from "../logs/log-lines.tsx";
import { PageHead } from "../page-head.tsx";
import { extentOf, rowsOf } from "./rows.ts";
import { SpanPanel } from "./span-panel.tsx";
import { Trace } from "./trace-data.ts";
import { Marks, Status } from "./trace-marks.tsx";
import { Waterfall } from "./waterfall.tsx";
import { Hatch } from "./waterfall-row.tsx";
import "./traces.css";

const Facts = ({ trace }: { trace: Trace }) => {
  const { summary } = trace;
  if (!summary) return null;
  const units = [
    summary.readUnits > 0 && plural(summary.readUnits, "read unit"),
    summary.writeUnits > 0 && plural(summary.writeUnits, "write unit"),
  ].filter((one) => one !== false);
  return (
    <p className="row small figures">
      <Status trace={summary} />
      <span>{clockTime(summary.start)}</span>
      <span>
        answered in {span(summary.answeredMs)}, over after {span(summary.durationMs)}
      </span>
      <span>{plural(summary.spans, "span")}</span>
      {units.length > 0 && <span>{units.join(", ")}</span>}
      <Marks trace={summary} />
    </p>
  );
};

const Causes = ({ causes }: { causes: readonly string[] }) =>
  causes.length === 0 ? null : (
    <Notice icon="arrow" title="Started by what other traces left">
      {causes.slice(0, 10).map((cause) => (
        <Link key={cause} className="cause" to={`/console/traces/${cause}`}>
          {cause}
        </Link>
      ))}
      {causes.length > 10 && ` and ${count(causes.length - 10)} more`}
    </Notice>
  );

/** What a trace's people call the function that writes to a log group. */
const functionOf = ({ spans, labels }: Trace, group: string): string => {
  const name = shortArn(group);
  const node = spans.find((one) => one.kind === "invoke" && one.name === name)?.node ?? "";
  return labels[node]?.label ?? name;
};

/** What functions wrote meanwhile, by time: each keeps a log of its own. */
const Logs = ({ trace, lines }: { trace: Trace; lines: readonly Line[] }) => (
  <section className="stack tight" aria-labelledby="trace-logs">
    <h2 id="trace-logs">Logs</h2>
    <LogLines
      lines={lines.toSorted((a, b) => a.timestamp - b.timestamp)}
      nameOf={(group) => functionOf(trace, group)}
      empty="No function wrote a line in this trace."
    />
  </section>
);

const useTree = () => {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string, open: boolean) =>
    setClosed((before) => (open ? before.difference(new Set([id])) : before.union(new Set([id]))));
  return { closed, toggle };
};

const Whole = ({ trace }: { trace: Trace }) => {
  const { closed, toggle } = useTree();
  const [selected, select] = useState<string>();
  const rows = rowsOf(trace, closed);
  const chosen = rows.find((row) => row.span.id === selected);
  return (
    <div className={chosen ? "trace-layout with-panel" : "trace-layout"}>
      <Hatch />
      <Waterfall
        trace={trace}
        rows={rows}
        extent={extentOf(trace)}
        closed={closed}
        selected={selected}
        onSelect={select}
        onToggle={toggle}
      />
      {chosen && <SpanPanel row={chosen} trace={trace} onClose={() => select(undefined)} />}
    </div>
  );
};

/** One trace: what happened when, and what functions said meanwhile. */
export const TracePage = ({ id }: { id: string }) => {
  const trace = useView(Trace, `traces/${encodeURIComponent(id)}`);
  const logs = useView(TraceLines, "logs/trace", { id });
  const members = new Set([id, ...(trace.data?.linked ?? []).map((one) => one.id)]);
  const reload = () => {
    trace.reload();
    logs.reload();
  };
  // what it leads to may still be under way, in traces that are not known yet
  useLive(reload, { on: true, about: (one) => members.has(one.traceId) || trace.data?.linked.length === 0 });
  return (
    <article className="stack">
      <PageHead
        title={trace.data?.summary?.name ?? "Trace"}
        eyebrow={<Link to="/console/traces">Traces</Link>}
      >
        <code className="small trace-id">{id}</code>
        <CopyButton text={id} label="Copy trace id" />
      </PageHead>
      <FailureNotice failure={trace.failure} retry={trace.reload} />
      {!trace.data && trace.loading && <Skeleton label="Loading the trace" />}
      {trace.data && (
        <>
          <Facts trace={trace.data} />
          <Causes causes={trace.data.causes} />
          {trace.data.dropped > 0 && (
            <Notice title={`${count(trace.data.dropped)} spans more were not kept`} icon="warning" />
          )}
          <Whole trace={trace.data} />
          <Logs trace={trace.data} lines={logs.data?.lines ?? []} />
        </>
      )}
    </article>
  );
};
