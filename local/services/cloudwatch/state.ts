import type { Cloud } from "../../kit/cloud.ts";
import type { MetricStore } from "./series.ts";
import type { Alarms } from "./watch.ts";
import type { Output } from "./wire.ts";

/** What operations work on. */
export interface State {
  readonly cloud: Pick<Cloud, "graph" | "clock" | "deliver" | "lambda" | "recorder" | "print">;
  readonly store: MetricStore;
  readonly alarms: Alarms;
  /** Bodies by name. */
  readonly dashboards: Map<string, string>;
}

/** One operation: throws CloudWatchError for what CloudWatch refuses. */
export type Operation = (state: State, input: unknown) => Output;
