import { Link } from "../../shell/router.tsx";
import { count } from "../../ui/format.ts";
import { FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { useView } from "../client.ts";
import { bytes, span } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import type { PageProps } from "../pages.ts";
import { Functions, type FunctionView } from "./function-data.ts";
import { FunctionPage } from "./function-page.tsx";

/** A count, in the background while it is none. */
const Count = ({ of }: { of: number }) => <span className={of === 0 ? "none" : ""}>{count(of)}</span>;

const FunctionRow = ({ fn }: { fn: FunctionView }) => (
  <tr>
    <th scope="row">
      <Link to={`/console/functions/${encodeURIComponent(fn.component)}`}>{fn.component}</Link>
      <br />
      <code className="small quiet">{fn.handler}</code>
    </th>
    <td className="number">
      <Count of={fn.stats.invocations} />
    </td>
    <td className={`number ${fn.stats.errors > 0 ? "bad-text" : ""}`}>
      <Count of={fn.stats.errors} />
    </td>
    <td className="number wide-only">
      <Count of={fn.stats.throttles} />
    </td>
    <td className="number wide-only">
      <Count of={fn.stats.coldStarts} />
    </td>
    <td className="number wide-only">{fn.stats.initMs === undefined ? "" : span(fn.stats.initMs)}</td>
    <td className="number wide-only">
      <Count of={fn.stats.busy} /> / <Count of={fn.stats.environments} />
    </td>
    <td className="number wide-only">
      <Count of={fn.stats.queued} />
    </td>
    <td className="number wide-only">
      {fn.stats.bundleBytes === undefined ? "" : bytes(fn.stats.bundleBytes)}
    </td>
  </tr>
);

const columns = [
  ["Invocations", ""],
  ["Failed", ""],
  ["Throttled", "wide-only"],
  ["Cold starts", "wide-only"],
  ["Latest init", "wide-only"],
  ["Busy / open", "wide-only"],
  ["Waiting", "wide-only"],
  ["Code", "wide-only"],
] as const;

const Table = ({ functions }: { functions: readonly FunctionView[] }) => (
  <table className="table console-table">
    <thead>
      <tr>
        <th scope="col">Function</th>
        {columns.map(([name, only]) => (
          <th key={name} scope="col" className={`number ${only}`}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {functions.map((fn) => (
        <FunctionRow key={fn.name} fn={fn} />
      ))}
    </tbody>
  </table>
);

/** Every function and how it does; one of them, when it is named. */
export const FunctionsPage = ({ rest: [component] }: PageProps) => {
  const view = useView(Functions, "lambda/functions", {}, { everyMs: 2_000 });
  const functions = (view.data?.functions ?? []).toSorted((a, b) => a.component.localeCompare(b.component));
  const chosen = functions.find((fn) => fn.component === component || fn.name === component);
  if (chosen) return <FunctionPage key={chosen.name} fn={chosen} />;
  return (
    <article className="stack">
      <PageHead
        title="Functions"
        lead="Execution environments are threads of this machine, counted since its start."
      />
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading functions" />}
      {view.data && component !== undefined && <p role="alert">There is no function {component}.</p>}
      {view.data && <Table functions={functions} />}
    </article>
  );
};
