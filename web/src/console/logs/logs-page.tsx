import { useState } from "react";
import { Link } from "../../shell/router.tsx";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { read, useView } from "../client.ts";
import { Functions, type FunctionView } from "../functions/function-data.ts";
import { useLive } from "../live.ts";
import { PageHead } from "../page-head.tsx";
import type { PageProps } from "../pages.ts";
import { PauseButton } from "../pause-button.tsx";
import { useSearchParams } from "../search-params.ts";
import { type Line, Lines } from "./log-data.ts";
import { LogLines } from "./log-lines.tsx";

const FunctionList = ({
  functions,
  chosen,
}: {
  functions: readonly FunctionView[];
  chosen: string | undefined;
}) => (
  <nav aria-label="Functions" className="log-functions">
    <ul className="nav-list">
      {functions.map(({ component, stats }) => (
        <li key={component}>
          <Link
            className="nav-item"
            to={`/console/logs/${encodeURIComponent(component)}`}
            aria-current={component === chosen ? "page" : undefined}
          >
            <span className="log-function">{component}</span>
            <span className="nav-state figures">
              {stats.errors > 0 && <span className="bad-text">{stats.errors} failed</span>}
              {stats.errors === 0 && stats.invocations > 0 && stats.invocations}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  </nav>
);

/** The newest page, followed, and older ones before it when asked for. */
const useLines = (group: string, pattern: string, live: boolean) => {
  const page = useView(Lines, "logs/lines", { group, pattern });
  const [older, setOlder] = useState<{ pattern: string; lines: readonly Line[]; more: boolean }>();
  const mine = older?.pattern === pattern ? older : undefined;
  useLive(page.reload, { on: live });
  const newest = page.data?.lines ?? [];
  const known = new Set(newest.map(({ id }) => id));
  const lines = [...(mine?.lines ?? []).filter(({ id }) => !known.has(id)), ...newest];
  const loadOlder = async () => {
    const answer = await read(Lines, "logs/lines", { group, pattern, before: lines[0]?.id });
    if (!answer.ok) return;
    setOlder({ pattern, lines: [...answer.data.lines, ...lines], more: answer.data.more });
  };
  return { page, lines, more: mine ? mine.more : (page.data?.more ?? false), loadOlder };
};

const names = ["pattern"] as const;

const Viewer = ({ fn }: { fn: FunctionView }) => {
  const [{ pattern }, change] = useSearchParams(names);
  const [live, setLive] = useState(true);
  const { page, lines, more, loadOlder } = useLines(fn.logGroup, pattern, live);
  return (
    <section className="stack" aria-label={`Logs of ${fn.component}`}>
      <p className="small quiet">
        <code>{fn.handler}</code>
        {fn.source && <>, declared in {fn.source}</>} · {fn.logGroup}
      </p>
      <div className="log-tools">
        <TextField
          label="Filter pattern"
          type="search"
          placeholder='ERROR, "exact words" or { $.level = "ERROR" }'
          spellCheck={false}
          value={pattern}
          onChange={(event) => change({ pattern: event.target.value })}
        />
        <PauseButton live={live} onChange={setLive} />
      </div>
      <FailureNotice failure={page.failure} />
      {more && (
        <p>
          <Button onClick={() => void loadOlder()}>Older lines</Button>
        </p>
      )}
      {!page.failure && (
        <LogLines
          lines={lines}
          linked
          empty={pattern === "" ? "It has not written a line yet." : "No line matches the pattern."}
        />
      )}
    </section>
  );
};

/** Logs by function. */
export const LogsPage = ({ rest: [component] }: PageProps) => {
  const view = useView(Functions, "lambda/functions", {}, { everyMs: 5_000 });
  const functions = (view.data?.functions ?? []).toSorted((a, b) => a.component.localeCompare(b.component));
  const chosen = functions.find((fn) => fn.component === component || fn.name === component);
  return (
    <article className="stack">
      <PageHead title={chosen ? chosen.component : "Logs"} eyebrow={chosen ? "Logs" : undefined} />
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading functions" />}
      <div className="log-layout" data-chosen={chosen !== undefined}>
        <FunctionList functions={functions} chosen={chosen?.component} />
        {chosen ? (
          <Viewer key={chosen.name} fn={chosen} />
        ) : (
          view.data && (
            <p className="quiet small">
              {component === undefined ? "Choose a function." : `There is no function ${component}.`}
            </p>
          )
        )}
      </div>
    </article>
  );
};
