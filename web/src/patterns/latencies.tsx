import { type Measured, percentile, useMeasured } from "../api/latency.ts";
import { count, millis } from "../ui/format.ts";
import { Empty } from "../ui/surface.tsx";
import "./latencies.css";

const MeasuredRow = ({ one, slowest }: { one: Measured; slowest: number }) => {
  const [p50, p95, p99] = [50, 95, 99].map((p) => percentile(one.samples, p)) as [number, number, number];
  const share = (ms: number) => `${Math.max(1, (ms / slowest) * 100)}%`;
  return (
    <tr>
      <th scope="row" className="mono">
        {one.name}
      </th>
      <td className="number">{count(one.count)}</td>
      <td className="number">{millis(p50)}</td>
      <td className="number">{millis(p95)}</td>
      <td className="number">{millis(p99)}</td>
      <td className="number">{count(one.errors)}</td>
      <td className="spread-cell" aria-hidden="true">
        <span className="spread" style={{ width: share(p99) }}>
          <span style={{ width: `${(p50 / Math.max(p99, 0.01)) * 100}%` }} />
        </span>
      </td>
    </tr>
  );
};

/** Latencies of every operation this browser called, or of those whose name holds `of`. */
export const Latencies = ({ of = "", empty }: { of?: string; empty: string }) => {
  const measured = useMeasured().filter(({ name }) => !name.includes("/auth/") && name.includes(of));
  const slowest = Math.max(1, ...measured.map(({ samples }) => percentile(samples, 99)));
  return (
    <div className="card stack">
      <h3>Measured by this browser, since you opened the page</h3>
      {measured.length === 0 ? (
        <Empty title="Nothing measured yet">{empty}</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls sideways must be reachable by keyboard
        <section className="table-scroll" aria-label="Latencies" tabIndex={0}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Operation</th>
                {["Calls", "p50", "p95", "p99", "5xx"].map((name) => (
                  <th key={name} scope="col" className="number">
                    {name}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {measured.map((one) => (
                <MeasuredRow key={one.name} one={one} slowest={slowest} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <p className="small quiet">
        From the call to the whole answer, network and this browser's own queue included: over HTTP/1.1 it
        opens six connections, and what waits for one is counted as slow. The last thousand calls of each
        operation.
      </p>
    </div>
  );
};
