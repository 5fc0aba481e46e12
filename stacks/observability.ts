import { alarms, watchApi, watchFunctions, watchSignals, watchSources } from "./alarms.ts";
import { alerts, budget } from "./alerts.ts";
import { dashboard } from "./dashboards.ts";
import type { Watched } from "./metrics.ts";
import type { Platform } from "./platform.ts";
import { production } from "./stage.ts";

// Three dashboards of 50 metrics are free of charge: where every dollar counts, the limiter shares that of the platform it
// guards, and draws its functions only.
const shared = ({ pattern }: Watched) => pattern === "limits" && !production();
const dashboardOf = (one: Watched) => (shared(one) ? "platform" : one.pattern);
const drawn = (one: Watched): Watched => (shared(one) ? { ...one, signals: [] } : one);

/** Alarms, a dashboard for each pattern and a budget: all from what the stacks return, nothing named twice. */
export function observability(base: Platform, stacks: readonly Watched[]) {
  const watched = [base.watched, ...stacks];
  const topic = alerts();
  const raise = alarms(topic.arn);
  watchApi(base.api, raise);
  watchFunctions(watched, raise);
  watchSources(watched, raise);
  if (production()) watchSignals(watched, raise);
  for (const [name, members] of Map.groupBy(watched, dashboardOf)) dashboard(name, members.map(drawn));
  budget(topic, production() ? 500 : 10);
}
