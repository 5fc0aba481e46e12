import { useEffect, useRef } from "react";
import { Button } from "../../ui/button.tsx";
import { SelectField } from "../../ui/field.tsx";
import { Empty, FailureNotice, More, Skeleton } from "../../ui/surface.tsx";
import { type Following, useView } from "../client.ts";
import { figure, LineChart, minuteTime } from "./line-chart.tsx";
import {
  type Alarm,
  dimensionText,
  fittingStatistic,
  type Metric,
  numberOf,
  type Point,
  Series,
  statistics,
} from "./metric-data.ts";
import type { MetricPlace } from "./metrics-page.tsx";

const spans = [
  ["15", "15 minutes"],
  ["60", "1 hour"],
  ["180", "3 hours"],
] as const;

const PointTable = ({ points, unit }: { points: readonly Point[]; unit: string }) => (
  <div className="table-scroll">
    <table className="table console-table">
      <caption>By minute, in {unit === "None" ? "no unit" : unit}</caption>
      <thead>
        <tr>
          <th scope="col">Minute</th>
          {statistics.map((name) => (
            <th key={name} scope="col" className="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.toReversed().map((point) => (
          <tr key={point.at}>
            <th scope="row">{minuteTime(point.at)}</th>
            {statistics.map((name) => (
              <td key={name} className="number">
                {figure(numberOf(point, name))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** One metric over time, as a line and as a table. */
export const MetricPanel = ({
  metric,
  alarms,
  place,
  following,
}: {
  metric: Metric;
  alarms: readonly Alarm[];
  place: MetricPlace;
  following: Following;
}) => {
  const minutes = spans.find(([value]) => value === place.at.minutes)?.[0] ?? "60";
  const statistic = statistics.find((name) => name === place.at.statistic) ?? fittingStatistic(metric.unit);
  const view = useView(Series, "monitoring/series", { key: metric.key, minutes }, following);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const watching = alarms.find(({ watches }) => watches?.metrics.some(({ key }) => key === metric.key));
  const points = view.data?.points ?? [];
  const now = Date.now();
  const dots = points.map((point) => ({ at: point.at, value: numberOf(point, statistic) }));
  const last = dots.at(-1);
  return (
    <section className="card stack tight" aria-labelledby="metric">
      <div className="row apart">
        <div>
          <h2 id="metric" tabIndex={-1} ref={heading}>
            {metric.name}
          </h2>
          <p className="arn">{[metric.namespace, dimensionText(metric)].filter(Boolean).join(" · ")}</p>
        </div>
        <Button look="plain" className="chip" onClick={() => place.go({ metric: "" })}>
          Close
        </Button>
      </div>
      <div className="console-filters">
        <SelectField
          label="Statistic"
          value={statistic}
          onChange={(event) => place.go({ statistic: event.target.value })}
        >
          {statistics.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </SelectField>
        <SelectField
          label="Over the last"
          value={minutes}
          onChange={(event) => place.go({ minutes: event.target.value })}
        >
          {spans.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      <FailureNotice failure={view.failure} />
      {!view.data && view.loading && <Skeleton label="Loading the metric" />}
      {view.data && points.length === 0 && <Empty title="No data in this time" />}
      {points.length > 0 && (
        <>
          <LineChart
            dots={dots}
            from={now - Number(minutes) * 60_000}
            to={now}
            threshold={watching?.watches?.threshold}
            label={`${statistic} of ${metric.name} by minute, the latest ${figure(last?.value ?? 0)}; the table below has each`}
          />
          {watching && (
            <p className="small quiet">
              <span className="threshold-key" aria-hidden="true" /> threshold of {watching.name}
            </p>
          )}
          <More summary="The same as a table">
            <PointTable points={points} unit={metric.unit} />
          </More>
        </>
      )}
    </section>
  );
};
