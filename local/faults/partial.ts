import type { AwsCall } from "../gateway/gateway.ts";
import type { AwsRequest, AwsResponse } from "../kit/cloud.ts";
import type { Draw } from "./random.ts";
import type { FaultOf } from "./rule.schema.ts";
import { errorOf, throttleOf } from "./words.ts";

// A batch is answered 200 and its refused entries stand in the answer. What is refused never reaches the service: the request is
// sent on without it.

type Json = Readonly<Record<string, unknown>>;

/** A request with less in it, and what is then said of the rest. */
interface Split {
  /** Undefined when nothing is left to send. */
  readonly request: AwsRequest | undefined;
  readonly merge: (answer: Json) => Json;
}

/** How many of `all` are refused: at least one, and never more than there are. */
const chosen = (all: number, { share = 0.5 }: FaultOf<"partial">, draw: Draw): ReadonlySet<number> => {
  const picked = Array.from({ length: all }, (_, index) => index).filter(
    (index) => draw(`entry ${index}`) < share,
  );
  return new Set(picked.length > 0 ? picked : all > 0 ? [Math.floor(draw("one") * all)] : []);
};

const withBody = (request: AwsRequest, body: Json): AwsRequest => ({
  ...request,
  body: Buffer.from(JSON.stringify(body)),
});

/** Splits a list field into what is sent and what is refused. */
const splitList = (call: AwsCall, input: Json, field: string, fault: FaultOf<"partial">, draw: Draw) => {
  const entries = Array.isArray(input[field]) ? (input[field] as Json[]) : [];
  const refused = chosen(entries.length, fault, draw);
  const sent = entries.filter((_, index) => !refused.has(index));
  const request = sent.length > 0 ? withBody(call.request, { ...input, [field]: sent }) : undefined;
  return { entries, refused, request };
};

/** SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch. */
const sqsBatch = (call: AwsCall, input: Json, fault: FaultOf<"partial">, draw: Draw): Split => {
  const { entries, refused, request } = splitList(call, input, "Entries", fault, draw);
  const { code, message } = errorOf("sqs", { kind: "error" });
  const failed = [...refused].map((index) => ({
    Id: entries[index]?.Id,
    SenderFault: false,
    Code: code,
    Message: message,
  }));
  const merge = (answer: Json) => ({
    Successful: [],
    ...answer,
    Failed: [...((answer.Failed as Json[] | undefined) ?? []), ...failed],
  });
  return { request, merge };
};

/** PutEvents: the answer's entries stand in the order of the request's. */
const putEvents = (call: AwsCall, input: Json, fault: FaultOf<"partial">, draw: Draw): Split => {
  const { entries, refused, request } = splitList(call, input, "Entries", fault, draw);
  const { code } = throttleOf(call);
  const merge = (answer: Json) => {
    const taken = ((answer.Entries as Json[] | undefined) ?? []).values();
    const Entries = entries.map((_, index) =>
      refused.has(index) ? { ErrorCode: code, ErrorMessage: "Rate exceeded" } : (taken.next().value ?? {}),
    );
    return { FailedEntryCount: Number(answer.FailedEntryCount ?? 0) + refused.size, Entries };
  };
  return { request, merge };
};

/** BatchWriteItem and BatchGetItem: whole writes, or keys, of any table. */
const dynamoBatch = (call: AwsCall, input: Json, fault: FaultOf<"partial">, draw: Draw): Split => {
  const writes = call.operation === "BatchWriteItem";
  const tables = Object.entries((input.RequestItems ?? {}) as Record<string, Json | Json[]>);
  const all = tables.flatMap(([table, value]) => {
    const list = Array.isArray(value) ? value : ((value.Keys ?? []) as Json[]);
    return list.map((entry) => ({ table, entry }));
  });
  const refused = chosen(all.length, fault, draw);
  const gather = (wanted: (index: number) => boolean) =>
    Object.fromEntries(
      tables.flatMap(([table, value]) => {
        const list = all
          .filter((one, index) => one.table === table && wanted(index))
          .map(({ entry }) => entry);
        return list.length === 0 ? [] : [[table, Array.isArray(value) ? list : { ...value, Keys: list }]];
      }),
    );
  const field = writes ? "UnprocessedItems" : "UnprocessedKeys";
  const left = gather((index) => !refused.has(index));
  return {
    request: refused.size < all.length ? withBody(call.request, { ...input, RequestItems: left }) : undefined,
    merge: (answer) => ({
      ...(writes ? {} : { Responses: {} }),
      ...answer,
      [field]: gather((i) => refused.has(i)),
    }),
  };
};

const SPLITS: Readonly<Record<string, (...args: [AwsCall, Json, FaultOf<"partial">, Draw]) => Split>> = {
  "sqs:SendMessageBatch": sqsBatch,
  "sqs:DeleteMessageBatch": sqsBatch,
  "sqs:ChangeMessageVisibilityBatch": sqsBatch,
  "events:PutEvents": putEvents,
  "dynamodb:BatchWriteItem": dynamoBatch,
  "dynamodb:BatchGetItem": dynamoBatch,
};

/** Whether a call is a batch whose entries can fail one by one. A form is not taken apart: it goes through whole. */
export const canBePartial = ({
  service,
  operation,
  protocol,
}: Pick<AwsCall, "service" | "operation" | "protocol">): boolean =>
  protocol !== "query" && Object.hasOwn(SPLITS, `${service}:${operation}`);

/** Sends a part of a batch on, and answers for all of it. */
export const answerPartly = async (
  call: AwsCall,
  fault: FaultOf<"partial">,
  draw: Draw,
  next: (changed: AwsRequest) => Promise<AwsResponse>,
): Promise<AwsResponse> => {
  const split = SPLITS[`${call.service}:${call.operation}`];
  const input = JSON.parse(call.request.body.toString("utf8")) as Json;
  if (!split) return next(call.request);
  const { request, merge } = split(call, input, fault, draw);
  const type = call.request.headers["content-type"] ?? "application/json";
  const empty = { status: 200, headers: { "content-type": type }, body: "{}" };
  const answer: AwsResponse = request ? await next(request) : empty;
  if (answer.status >= 300) return answer;
  return { ...answer, body: JSON.stringify(merge(JSON.parse(String(answer.body)) as Json)) };
};
