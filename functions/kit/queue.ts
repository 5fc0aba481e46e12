import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as v from "valibot";
import { log } from "#core/kit/log.ts";
import { observed } from "./observe.ts";

/**
 * The queue door: each message is parsed by `schema` and handled by itself; those that fail are reported and come again, the
 * others are done. A message that cannot be parsed will never be: it fails until the queue's redrive policy sets it aside.
 */
export const queue = <S extends v.GenericSchema>(
  schema: S,
  run: (message: v.InferOutput<S>, id: string) => Promise<void>,
) => {
  const processor = new BatchProcessor(EventType.SQS);
  const one = async (record: SQSRecord) => {
    try {
      await run(v.parse(v.pipe(v.string(), v.parseJson(), schema), record.body), record.messageId);
    } catch (error) {
      log.error("message failed", { messageId: record.messageId, error: error as Error });
      throw error;
    }
  };
  return middy<SQSEvent, SQSBatchResponse>()
    .use(observed())
    .handler((event, context) =>
      // All failing is reported as each failing: the queue knows what to do, an error metric would say no more.
      processPartialResponse(event, one, processor, { context, throwOnFullBatchFailure: false }),
    );
};
