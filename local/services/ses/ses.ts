import { join } from "node:path";
import type { AwsService, Cloud } from "../../kit/cloud.ts";
import { served } from "../../kit/served.ts";
import type { MetricSink, Ses } from "./context.ts";
import { applyGraph } from "./graph-settings.ts";
import { runTask } from "./journey.ts";
import { openMailbox } from "./mailbox.ts";
import { previewActions, previewViews } from "./preview.ts";
import { createQuota } from "./quota.ts";
import { openSettings } from "./settings.ts";
import { createStatistics } from "./statistics.ts";
import { handleV1, operations as v1Operations } from "./v1.ts";
import { handleV2, v2Names, v2Operation } from "./v2.ts";
import { actions, views } from "./views.ts";
import { handleTracking, isTracking } from "./web.ts";
import { createWorker } from "./worker.ts";

/** What else SES is told of its surroundings. */
export interface SesOptions {
  /** Takes the metrics that CloudWatch would show. */
  readonly metric?: MetricSink;
}

/** SES v1 and v2 from the graph's identities and configuration sets. No mail leaves this machine: all of it is in the inbox. */
export const ses = (cloud: Cloud, { metric = () => {} }: SesOptions = {}): AwsService => {
  const folder = cloud.dataDir === undefined ? undefined : join(cloud.dataDir, "ses");
  const { settings, save } = openSettings(folder);
  applyGraph(cloud.graph, settings, cloud.clock.now());
  const mailbox = openMailbox(folder);
  const worker = createWorker(cloud, (task) => runTask(context, task));
  const context: Ses = {
    cloud,
    settings,
    mailbox,
    quota: createQuota(cloud.clock, settings.account),
    statistics: createStatistics(cloud.clock),
    metric,
    save,
    later(task) {
      mailbox.schedule(task);
      worker.add(task);
    },
  };
  return {
    name: "ses",
    handle: (request) => {
      if (isTracking(request)) return handleTracking(context, request);
      return request.path.startsWith("/v2/") ? handleV2(context, request) : handleV1(context, request);
    },
    operation: v2Operation,
    operations: [...served("ses", v1Operations), ...v2Names.map((name) => `sesv2:${name}`)],
    views: { ...views(context), ...previewViews(context) },
    actions: { ...actions(context), ...previewActions(context) },
    async start() {
      await save(); // the secret of tracked links must be the same after a kill
      for (const task of mailbox.tasks.values()) worker.add(task);
    },
    async stop() {
      await worker.stop();
      await save();
      await mailbox.committed();
    },
  };
};
