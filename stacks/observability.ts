import { alarms, watchApi, watchFunctions, watchSignals, watchSources } from "./alarms.ts";
import { alerts, budget } from "./alerts.ts";
import { dashboard } from "./dashboards.ts";
import type { Watched } from "./metrics.ts";
import type { Platform } from "./platform.ts";
import { production } from "./stage.ts";

/** Alarms, a dashboard for each pattern and a budget: all from what the stacks return, nothing named twice. */
export function observability(base: Platform, stacks: readonly Watched[]) {
  const watched = [base.watched, ...stacks];
  const topic = alerts();
  const raise = alarms(topic.arn);
  watchApi(base.api, raise);
  watchFunctions(watched, raise);
  watchSources(watched, raise);
  if (production()) watchSignals(watched, raise);
  for (const [pattern, members] of Map.groupBy(watched, (member) => member.pattern))
    dashboard(pattern, members);
  budget(topic, production() ? 500 : 10);
}
