import middy from "@middy/core";
import type { EventBridgeEvent } from "aws-lambda";
import * as v from "valibot";
import { busEvent } from "#core/kit/event.schema.ts";
import { observed } from "./observe.ts";

/** The bus door: one event of the shape `data` is handled; a failure is tried again by the rule's target. */
export const bus = <S extends v.GenericSchema>(
  data: S,
  run: (data: v.InferOutput<S>, id: string) => Promise<void>,
) => {
  const schema = busEvent(data);
  return middy<EventBridgeEvent<string, unknown>, void>()
    .use(observed())
    .handler(async (event) => {
      const parsed = v.parse(schema, event);
      await run(parsed.data, parsed.id);
    });
};
