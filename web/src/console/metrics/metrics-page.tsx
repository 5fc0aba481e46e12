import { plural } from "../../ui/format.ts";
import { FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { useView } from "../client.ts";
import { useFollow } from "../follow.tsx";
import { PageHead } from "../page-head.tsx";
import { type Place, usePlace } from "../place.ts";
import { Tabs } from "../tabs.tsx";
import { AlarmList } from "./alarm-list.tsx";
import { Alarms, Changes } from "./metric-data.ts";
import { MetricList } from "./metric-list.tsx";
import "../resources.css";
import "./metrics.css";

const names = ["part", "namespace", "find", "metric", "statistic", "minutes"] as const;
/** Where a person stands in metrics and alarms. */
export type MetricPlace = Place<(typeof names)[number]>;

const parts = [
  { id: "alarms", name: "Alarms" },
  { id: "metrics", name: "Metrics" },
] as const;

/** What CloudWatch would show: alarms and metrics, fed by what runs here. */
export const MetricsPage = () => {
  const place = usePlace(names);
  const { button, following } = useFollow(3_000);
  const alarms = useView(Alarms, "monitoring/alarms", {}, following);
  const changes = useView(Changes, "monitoring/changes", {}, following);
  const part = place.at.part === "metrics" ? "metrics" : "alarms";
  const raised = (alarms.data ?? []).filter(({ state }) => state === "ALARM").length;
  const reload = () => {
    alarms.reload();
    changes.reload();
  };
  return (
    <article className="stack">
      <PageHead
        title="Metrics and alarms"
        lead={
          alarms.data &&
          `${plural(alarms.data.length, "alarm")}, ${raised === 0 ? "none" : raised} raised. Judged each minute.`
        }
      >
        {button}
      </PageHead>
      <Tabs
        label="Metrics and alarms"
        tabs={parts}
        chosen={part}
        choose={(id) => place.go({ part: id === "alarms" ? "" : id, metric: "" })}
      >
        <FailureNotice failure={alarms.failure} retry={reload} />
        {!alarms.data && alarms.loading && <Skeleton label="Loading alarms" />}
        {part === "alarms" && alarms.data && (
          <AlarmList alarms={alarms.data} changes={changes.data ?? []} place={place} reload={reload} />
        )}
        {part === "metrics" && <MetricList place={place} following={following} alarms={alarms.data ?? []} />}
      </Tabs>
    </article>
  );
};
