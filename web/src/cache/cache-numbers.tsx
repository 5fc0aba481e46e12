import { useState } from "react";
import { cacheApi } from "#core/cache/api.schema.ts";
import type { CacheStats } from "#core/cache/report.schema.ts";
import { call } from "../api/call.ts";
import { useSession } from "../api/session.ts";
import { useLoad } from "../api/use-load.ts";
import { Latencies } from "../patterns/latencies.tsx";
import { Button } from "../ui/button.tsx";
import { Choices } from "../ui/field.tsx";
import { count, millis } from "../ui/format.ts";
import { Empty, FailureNotice, Skeleton } from "../ui/surface.tsx";

const storeName = { memory: "memory", dynamodb: "DynamoDB", valkey: "Valkey" } as const;
const counted = ({ l1, l2, origin }: CacheStats) => l1.hits + l1.misses + l2.hits + l2.misses + origin.loads;

const Nothing = ({ of }: { of: "you" | "app" }) =>
  of === "you" ? (
    <Empty title="Nothing counted yet">Send reads above, then count again some ten seconds later.</Empty>
  ) : (
    <Empty title="Nothing counted for the app itself">
      Its redirects go through the same tiers, and write nothing to be counted here. Sign in to count your own
      namespaces.
    </Empty>
  );

const share = (part: number, all: number) => (all === 0 ? "–" : `${((part / all) * 100).toFixed(1)} %`);

/** The API's own figures: of the caller's namespaces, or of the app's own cache. */
const Counted = () => {
  const session = useSession();
  const [of, setOf] = useState<"you" | "app">("you");
  const whose = session.status === "signed-in" ? of : "app";
  const stats = useLoad((signal) => call(cacheApi.stats, { query: { of: whose }, signal }), [whose]);
  const { data } = stats;
  const figures = data && [
    [share(data.l1.hits, data.l1.hits + data.l1.misses), "of lookups in memory hit"],
    [share(data.l2.hits, data.l2.hits + data.l2.misses), "of lookups in the store hit"],
    [count(data.origin.loads), "loads from the origin"],
    [count(data.waited), "waited for another's load"],
    [count(data.stale_served), "served past their time, by grace"],
    [millis(data.l2.read_ms), "a read of the store, mean"],
  ];
  return (
    <div className="card stack">
      <div className="row apart">
        <h3>Counted by the API</h3>
        <Button onClick={stats.reload}>Count again</Button>
      </div>
      {session.status === "signed-in" && (
        <Choices
          legend="Whose"
          quiet
          name="whose"
          value={of}
          options={[
            ["you", "Your namespaces"],
            ["app", "The app's own cache"],
          ]}
          onChange={setOf}
        />
      )}
      {stats.loading && !data && <Skeleton label="Loading the figures" />}
      <FailureNotice failure={stats.failure} retry={stats.reload} />
      {data && counted(data) === 0 && <Nothing of={whose} />}
      {data && counted(data) > 0 && figures && (
        <dl className="tally">
          {figures.map(([figure, what]) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>{figure}</dd>
            </div>
          ))}
        </dl>
      )}
      <p className="small quiet">
        Counted by all processes, each of which adds what it counted every ten seconds of use; times are
        measured there. {data && `The store, the second tier, is ${storeName[data.store]}.`}
      </p>
    </div>
  );
};

/** What an operation costs by the design: calculated from requests, never estimated by eye. */
const floors = [
  ["Read, from memory", "0", "0"],
  ["Read, from DynamoDB", "1", "0.5 read units each 4 KB; strong 1"],
  ["Write or delete", "1", "1 write unit each KB"],
  ["Drop a tag or a namespace", "1", "1 write unit, however many entries"],
  ["Write-behind, n writes of a key", "n, and 1 a flush", "n write units, and 1 of the record a flush"],
  ["Stampede of n misses", "1 lease, 1 load", "1 write unit, and the fill"],
] as const;

const Floors = () => (
  <div className="card stack">
    <h3>What an operation costs</h3>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls sideways must be reachable by keyboard */}
    <section className="table-scroll" aria-label="Cost of operations" tabIndex={0}>
      <table className="table costs">
        <thead>
          <tr>
            <th scope="col">Operation</th>
            <th scope="col">Calls</th>
            <th scope="col">Units</th>
          </tr>
        </thead>
        <tbody>
          {floors.map(([what, calls, units]) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>{calls}</td>
              <td>{units}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
    <p className="small quiet">Calculated, on DynamoDB, for entries below 1 KB. Not measured here.</p>
  </div>
);

/** What this browser measured, what the API counted, what the design calculates. */
export const CacheNumbers = () => (
  <>
    <Latencies of="/cache/" empty="Send reads or run an experiment, and its latencies stand here." />
    <Counted />
    <Floors />
  </>
);
