import type { Cloud } from "../../kit/cloud.ts";
import type { Call } from "./context.ts";
import { renderSimple } from "./templates.ts";

/** Delivers the stage's access log line once the answer is known. A log that cannot be delivered never fails a request. */
export const writeAccessLog = (cloud: Cloud, call: Call, status: number): void => {
  const log = call.stage.accessLog;
  if (!log) return;
  const latencyMs = cloud.clock.now() - call.timeMs;
  // API Gateway writes a dash for what it does not know.
  const body = renderSimple(call, log.format, { status, latencyMs }, "-");
  const delivery = { body, sourceArn: call.api.arn, trace: call.request.trace };
  cloud.deliver(log.destinationArn, delivery).catch(() => {});
};
