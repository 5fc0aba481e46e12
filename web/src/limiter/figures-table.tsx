import type { AlgorithmName } from "#core/limits/rule.schema.ts";
import { count } from "../ui/format.ts";
import type { AlgorithmText } from "./algorithm-text.ts";
import { tallyAt } from "./lane-shapes.ts";
import { stateBytes, writeUnits } from "./run-cost.ts";
import type { Run } from "./simulate.ts";

const heads = [
  "Admitted",
  "Denied",
  "Most in a window",
  "Longest wait",
  "State, bytes",
  "Write units",
] as const;

const Row = ({ run, limit, name }: { run: Run; limit: number; name: string }) => {
  const { admitted, denied } = tallyAt(run.marks, Number.POSITIVE_INFINITY);
  const wait = Math.max(0, ...run.marks.filter(({ allowed }) => allowed).map(({ waitMs }) => waitMs));
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="number">{count(admitted)}</td>
      <td className="number">{count(denied)}</td>
      <td className="number" data-over={run.most > limit}>
        {count(run.most)}
        {run.most > limit && <span className="over-by"> +{count(run.most - limit)}</span>}
      </td>
      <td className="number">{wait === 0 ? "none" : `${(wait / 1_000).toFixed(1)} s`}</td>
      <td className="number">{count(stateBytes(run))}</td>
      <td className="number">{count(writeUnits(run))}</td>
    </tr>
  );
};

/** The comparison in figures. */
export const FiguresTable = ({
  runs,
  limit,
  windowMs,
  names,
}: {
  runs: readonly Run[];
  limit: number;
  windowMs: number;
  names: Readonly<Record<AlgorithmName, AlgorithmText>>;
}) => (
  <div className="card stack">
    <h3>The same in figures</h3>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls sideways must be reachable by keyboard */}
    <section className="table-scroll" aria-label="Figures by algorithm" tabIndex={0}>
      <table className="table">
        <caption>
          {runs[0]?.marks.length ?? 0} requests against {limit} units each {windowMs / 1_000} s
        </caption>
        <thead>
          <tr>
            <th scope="col">Algorithm</th>
            {heads.map((head) => (
              <th key={head} scope="col" className="number">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.algorithm} run={run} limit={limit} name={names[run.algorithm].name} />
          ))}
        </tbody>
      </table>
    </section>
    <p className="small quiet">
      Admitted, denied, most and wait are counted on the run above. Bytes and write units are calculated: what
      DynamoDB keeps at most for one key, and what it bills for this run. A denial is remembered where it was
      made, and costs no write again until its reset.
    </p>
  </div>
);
