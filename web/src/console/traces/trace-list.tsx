import { useState } from "react";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { read, useView } from "../client.ts";
import { clockTime, span } from "../format.ts";
import { useLive } from "../live.ts";
import { PageHead } from "../page-head.tsx";
import { PauseButton } from "../pause-button.tsx";
import { useSearchParams } from "../search-params.ts";
import { type Summary, TraceList } from "./trace-data.ts";
import { Marks, Status } from "./trace-marks.tsx";
import "./traces.css";

const names = ["path", "function", "status", "minMs", "error", "files"] as const;
type Filter = Readonly<Record<(typeof names)[number], string>>;

// A page brings a dozen files along; they are left out unless asked for.
const queryOf = (filter: Filter) => ({ ...filter, files: filter.files === "1" ? "" : "0" });

const Filters = ({ filter, change }: { filter: Filter; change: (some: Partial<Filter>) => void }) => (
  <form className="trace-filter" onSubmit={(event) => event.preventDefault()}>
    <TextField
      label="Path or name"
      type="search"
      value={filter.path}
      onChange={(event) => change({ path: event.target.value })}
    />
    <TextField
      label="Function"
      type="search"
      value={filter.function}
      onChange={(event) => change({ function: event.target.value })}
    />
    <SelectField
      label="Status"
      value={filter.status}
      onChange={(event) => change({ status: event.target.value })}
    >
      <option value="">Any</option>
      <option value="2xx">2xx</option>
      <option value="3xx">3xx</option>
      <option value="4xx">4xx</option>
      <option value="5xx">5xx</option>
    </SelectField>
    <TextField
      label="At least, ms"
      inputMode="numeric"
      value={filter.minMs}
      onChange={(event) => change({ minMs: event.target.value.replaceAll(/\D/g, "") })}
    />
    <label className="check">
      <input
        type="checkbox"
        checked={filter.error === "1"}
        onChange={(event) => change({ error: event.target.checked ? "1" : "" })}
      />
      With errors
    </label>
    <label className="check">
      <input
        type="checkbox"
        checked={filter.files === "1"}
        onChange={(event) => change({ files: event.target.checked ? "1" : "" })}
      />
      Files too
    </label>
  </form>
);

const units = ({ readUnits, writeUnits }: Summary) =>
  [readUnits > 0 && `${readUnits} R`, writeUnits > 0 && `${writeUnits} W`].filter(Boolean).join(" ");

const TraceRow = ({ trace }: { trace: Summary }) => (
  <tr>
    <td className="figures trace-time wide-only">{clockTime(trace.start)}</td>
    <td className="trace-name">
      <Link to={`/console/traces/${trace.id}`}>{trace.name}</Link>
      <span className="small quiet">{trace.functions.filter((name) => name !== trace.name).join(", ")}</span>
    </td>
    <td>
      <Status trace={trace} />
    </td>
    <td className="number">{span(trace.answeredMs)}</td>
    <td className="number wide-only">{span(trace.durationMs)}</td>
    <td className="number wide-only">{trace.spans}</td>
    <td className="number wide-only">{units(trace)}</td>
    <td className="trace-marks wide-only">
      <Marks trace={trace} />
    </td>
  </tr>
);

const Table = ({ traces }: { traces: readonly Summary[] }) => (
  <table className="table console-table">
    <thead>
      <tr>
        <th scope="col" className="wide-only">
          Time
        </th>
        <th scope="col">What</th>
        <th scope="col">Status</th>
        <th scope="col" className="number">
          Answered
        </th>
        <th scope="col" className="number wide-only">
          In all
        </th>
        <th scope="col" className="number wide-only">
          Spans
        </th>
        <th scope="col" className="number wide-only">
          Units
        </th>
        <th scope="col" className="wide-only">
          <span className="hidden-visually">Marks</span>
        </th>
      </tr>
    </thead>
    <tbody>
      {traces.map((trace) => (
        <TraceRow key={trace.id} trace={trace} />
      ))}
    </tbody>
  </table>
);

/** Older pages, appended below the first, which goes on living. */
const useOlder = (filter: Filter) => {
  const [older, setOlder] = useState<{
    filter: Filter;
    traces: readonly Summary[];
    cursor: string | undefined;
  }>();
  const mine = older?.filter === filter ? older : undefined;
  const load = async (cursor: string) => {
    const answer = await read(TraceList, "traces", { ...queryOf(filter), cursor });
    if (!answer.ok) return;
    setOlder({
      filter,
      traces: [...(mine?.traces ?? []), ...answer.data.traces],
      cursor: answer.data.cursor,
    });
  };
  return { older: mine, load };
};

/** The latest traces, as they happen. */
export const TraceListPage = () => {
  const [filter, change] = useSearchParams(names);
  const [live, setLive] = useState(true);
  const list = useView(TraceList, "traces", queryOf(filter));
  const { older, load } = useOlder(filter);
  useLive(list.reload, { on: live });
  const first = list.data?.traces ?? [];
  const known = new Set(first.map(({ id }) => id));
  const traces = [...first, ...(older?.traces ?? []).filter(({ id }) => !known.has(id))];
  const cursor = older ? older.cursor : list.data?.cursor;
  return (
    <article className="stack">
      <PageHead
        title="Traces"
        lead="What came in or went off by itself, and all it led to. The latest first."
      >
        <PauseButton live={live} onChange={setLive} />
      </PageHead>
      <Filters filter={filter} change={change} />
      <FailureNotice failure={list.failure} retry={list.reload} />
      {!list.data && list.loading && <Skeleton label="Loading traces" />}
      {list.data && traces.length === 0 && (
        <Empty title="No trace here">
          {Object.values(filter).some((value) => value !== "")
            ? "None of those kept is like that."
            : "Send a request, and it appears by itself."}
        </Empty>
      )}
      {traces.length > 0 && <Table traces={traces} />}
      {cursor !== undefined && (
        <p>
          <Button onClick={() => void load(cursor)}>Older traces</Button>
        </p>
      )}
    </article>
  );
};
