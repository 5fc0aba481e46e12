import { Link } from "../../shell/router.tsx";
import { SelectField, TextField } from "../../ui/field.tsx";
import { count } from "../../ui/format.ts";
import { Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { type Following, useView } from "../client.ts";
import { TryThis } from "../try-this.tsx";
import { type Alarm, dimensionText, type Metric, Metrics } from "./metric-data.ts";
import { MetricPanel } from "./metric-panel.tsx";
import type { MetricPlace } from "./metrics-page.tsx";

/** Metrics of the list that are drawn at most: a filter finds the others. */
const MOST_SHOWN = 200;

const Filters = ({ namespaces, place }: { namespaces: readonly string[]; place: MetricPlace }) => (
  <div className="console-filters">
    <SelectField
      label="Namespace"
      value={place.at.namespace}
      onChange={(event) => place.go({ namespace: event.target.value })}
    >
      <option value="">all</option>
      {namespaces.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </SelectField>
    <TextField
      label="Name or dimension"
      type="search"
      spellCheck={false}
      value={place.at.find}
      onChange={(event) => place.type({ find: event.target.value })}
    />
  </div>
);

const MetricRow = ({ metric, place }: { metric: Metric; place: MetricPlace }) => (
  <tr data-chosen={metric.key === place.at.metric}>
    <th scope="row">
      <Link
        to={place.to({ metric: metric.key, statistic: "" })}
        aria-current={metric.key === place.at.metric ? "true" : undefined}
      >
        {metric.name}
      </Link>
    </th>
    <td className="arn">{dimensionText(metric)}</td>
    <td className="small wide-only">{metric.namespace}</td>
    <td className="small wide-only">{metric.unit === "None" ? "" : metric.unit}</td>
  </tr>
);

const Table = ({ metrics, place }: { metrics: readonly Metric[]; place: MetricPlace }) => (
  <table className="table console-table">
    <thead>
      <tr>
        <th scope="col">Metric</th>
        <th scope="col">Dimensions</th>
        <th scope="col" className="wide-only">
          Namespace
        </th>
        <th scope="col" className="wide-only">
          Unit
        </th>
      </tr>
    </thead>
    <tbody>
      {metrics.slice(0, MOST_SHOWN).map((metric) => (
        <MetricRow key={metric.key} metric={metric} place={place} />
      ))}
    </tbody>
  </table>
);

/** Metrics by namespace and name, and one of them over time. */
export const MetricList = ({
  place,
  following,
  alarms,
}: {
  place: MetricPlace;
  following: Following;
  alarms: readonly Alarm[];
}) => {
  const view = useView(Metrics, "monitoring/metrics", {}, following);
  const all = view.data ?? [];
  const { namespace, find, metric: key } = place.at;
  const shown = all
    .filter((metric) => namespace === "" || metric.namespace === namespace)
    .filter((metric) => `${metric.name} ${dimensionText(metric)}`.toLowerCase().includes(find.toLowerCase()))
    .toSorted((a, b) => a.name.localeCompare(b.name) || dimensionText(a).localeCompare(dimensionText(b)));
  const chosen = all.find((metric) => metric.key === key);
  return (
    <>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading metrics" />}
      {view.data && all.length === 0 && (
        <TryThis
          title="Nothing was measured yet"
          command="aws cloudwatch put-metric-data --namespace Library --metric-name Loans --value 1"
        >
          Whatever a function is asked to do is measured, and so is what its log lines embed.
        </TryThis>
      )}
      {chosen && (
        <MetricPanel key={chosen.key} metric={chosen} alarms={alarms} place={place} following={following} />
      )}
      {all.length > 0 && (
        <Filters namespaces={[...new Set(all.map((metric) => metric.namespace))].toSorted()} place={place} />
      )}
      {all.length > 0 && shown.length === 0 && <Empty title="No metric is called that" />}
      {shown.length > 0 && <Table metrics={shown} place={place} />}
      {shown.length > MOST_SHOWN && (
        <p className="small quiet">
          {count(MOST_SHOWN)} of {count(shown.length)} are shown.
        </p>
      )}
    </>
  );
};
