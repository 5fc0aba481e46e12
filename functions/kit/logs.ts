import { gunzipSync } from "node:zlib";
import middy from "@middy/core";
import type { CloudWatchLogsEvent } from "aws-lambda";
import * as v from "valibot";
import { metrics } from "#core/kit/metrics.ts";
import { observed } from "./observe.ts";

const MAX_BYTES = 64 * 1024 * 1024; // a delivery holds 1 MB compressed; no line of ours expands like a bomb

const Delivery = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    messageType: v.string(),
    logEvents: v.array(v.object({ message: v.string() })),
  }),
);

/**
 * The log door: lines that a subscription filter delivers, each JSON of the shape `schema`. A line of another shape is
 * counted and skipped: it would be no better the next time, and must not hold up its neighbours. CloudWatch Logs
 * delivers at least once.
 */
export const logs = <S extends v.GenericSchema>(
  schema: S,
  run: (lines: v.InferOutput<S>[]) => Promise<void>,
) => {
  const line = v.pipe(v.string(), v.parseJson(), schema);
  return middy<CloudWatchLogsEvent, void>()
    .use(observed())
    .handler(async ({ awslogs }) => {
      const text = gunzipSync(Buffer.from(awslogs.data, "base64"), { maxOutputLength: MAX_BYTES }).toString();
      const delivery = v.parse(Delivery, text);
      if (delivery.messageType !== "DATA_MESSAGE") return; // CloudWatch Logs checks whether we are there
      const parsed = delivery.logEvents.map(({ message }) => v.safeParse(line, message));
      const good = parsed.filter((result) => result.success).map((result) => result.output);
      if (good.length < parsed.length)
        metrics.addMetric("MalformedLogLines", "Count", parsed.length - good.length);
      if (good.length > 0) await run(good);
    });
};
