import { join } from "node:path";
import { byType } from "../../graph/graph.ts";
import type { AwsRequest, AwsResponse, AwsService, Cloud, Delivery } from "../../kit/cloud.ts";
import { newSpanId, newTraceId, parseTraceHeader } from "../../kit/recorder.ts";
import { served } from "../../kit/served.ts";
import { mayPoll } from "../../permissions/mappings.ts";
import { type QueueView, queueView, sqsActions, sqsViews } from "./console.ts";
import type { SqsContext } from "./context.ts";
import type { MessageAttributes } from "./digest.ts";
import { type Engine, queueByArn, wake } from "./engine.ts";
import { errorResponse, SqsError, sqsErrors } from "./errors.ts";
import { overtakes } from "./faulty.ts";
import { type Kept, noJournal, openJournal, readJournal } from "./journal.ts";
import { mappingOf, startMapping } from "./mapping.ts";
import { messageOperations } from "./message-operations.ts";
import { outgoing } from "./messages.ts";
import { moveOperations } from "./moves.ts";
import { answerQuery } from "./query-protocol.ts";
import { queueOperations } from "./queue-operations.ts";
import { definedQueues, restoreQueue } from "./queues.ts";
import { send } from "./send.ts";
import type { Message, Queue } from "./state.ts";

/** SQS, and what only the local cloud asks of it. */
export interface SqsService extends AwsService {
  inspect(): readonly QueueView[];
}

const operations = { ...queueOperations, ...messageOperations, ...moveOperations };

/** SQS from the graph's queues and event source mappings; messages outlive a restart when there is a data directory. */
export const sqs = (cloud: Cloud): SqsService => {
  const queues = new Map<string, Queue>();
  const file = cloud.dataDir === undefined ? undefined : join(cloud.dataDir, "sqs", "log.jsonl");
  const kept = file === undefined ? new Map<string, Kept>() : readJournal(file);
  for (const queue of definedQueues(cloud, kept)) queues.set(queue.name, queue);
  for (const queue of queues.values()) restoreQueue(cloud, queue, kept.get(queue.name));
  const engine: Engine = {
    clock: cloud.clock,
    journal: file === undefined ? noJournal() : openJournal(file, queues),
    queues,
    polls: new Set(),
    moved: (from, to, message) => recordMove(cloud, from, to, message),
    overtakes: (queue) => overtakes(cloud, queue),
  };
  const context: SqsContext = { cloud, engine, deletedAt: new Map(), tasks: [] };
  const stops: (() => void)[] = [];
  return {
    name: "sqs",
    accepts: "arn:aws:sqs:",
    handle: (request) => handle(context, request),
    operations: served("sqs", operations),
    deliver: (arn, delivery) => deliver(context, arn, delivery),
    inspect: () => [...queues.values()].map((queue) => queueView(engine, queue)),
    views: sqsViews(context),
    actions: sqsActions(context),
    async start() {
      for (const resource of byType(cloud.graph, "aws:lambda/eventSourceMapping:EventSourceMapping")) {
        const queue = queueByArn(engine, String(resource.inputs.eventSourceArn));
        if (!queue || resource.inputs.enabled === false) continue;
        const mapping = mappingOf(cloud, queue, resource);
        if (mayPoll(cloud, resource, mapping.functionArn, queue.arn))
          stops.push(startMapping(cloud, engine, mapping));
      }
      for (const queue of queues.values()) wake(engine, queue);
    },
    async pause() {
      for (const stop of stops.splice(0)) stop();
    },
    async stop() {
      for (const stop of stops.splice(0)) stop();
      for (const end of engine.polls) end();
      for (const queue of queues.values()) queue.disarm?.();
      await engine.journal.committed();
    },
  };
};

const run = async (
  context: SqsContext,
  request: AwsRequest,
  action: string,
  input: Readonly<Record<string, unknown>>,
): Promise<{ readonly output: object; readonly node?: string }> => {
  const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
  if (!operation)
    throw sqsErrors.unsupported(`The local cloud does not serve sqs:${action || "(no target)"}.`);
  const output = await operation(context, input, request);
  const node = nodeOf(context, input);
  return { output, ...(node ? { node } : {}) };
};

const readInput = (body: Buffer): Readonly<Record<string, unknown>> => {
  const input: unknown = JSON.parse(body.toString("utf8") || "{}");
  if (typeof input === "object" && input !== null && !Array.isArray(input))
    return input as Record<string, unknown>;
  throw sqsErrors.invalid("The request body is no JSON object.");
};

const handle = async (context: SqsContext, request: AwsRequest): Promise<AwsResponse> => {
  const target = request.headers["x-amz-target"];
  if (target === undefined)
    return answerQuery(request, (action, input) => run(context, request, action, input));
  try {
    const { output, node } = await run(
      context,
      request,
      target.slice(target.lastIndexOf(".") + 1),
      readInput(request.body),
    );
    return {
      status: 200,
      headers: { "content-type": "application/x-amz-json-1.0" },
      body: JSON.stringify(output),
      ...(node ? { node } : {}),
    };
  } catch (error) {
    if (error instanceof SqsError) return errorResponse(error);
    if (error instanceof SyntaxError)
      return errorResponse(sqsErrors.invalid("The request body is not JSON."));
    throw error;
  }
};

const nodeOf = (context: SqsContext, input: Readonly<Record<string, unknown>>): string | undefined => {
  const name =
    String(input.QueueUrl ?? input.QueueName ?? "")
      .split("/")
      .at(-1) ?? "";
  return context.engine.queues.get(name)?.arn;
};

const deliver = async (context: SqsContext, arn: string, delivery: Delivery): Promise<void> => {
  const queue = queueByArn(context.engine, arn);
  if (!queue) throw sqsErrors.noQueue();
  const texts = Object.entries(delivery.attributes ?? {}).map(
    ([name, value]) => [name, { DataType: "String", StringValue: value }] as const,
  );
  const attributes: MessageAttributes = { ...Object.fromEntries(texts), ...delivery.messageAttributes };
  const { message } = outgoing(
    queue,
    {
      MessageBody: delivery.body,
      MessageAttributes: attributes,
      MessageGroupId: delivery.messageGroupId,
      MessageDeduplicationId: queue.settings.fifo ? delivery.deduplicationId : undefined,
    },
    { senderId: delivery.sourceArn, ...(delivery.trace ? { trace: delivery.trace } : {}) },
  );
  send(context.engine, queue, message);
  await context.engine.journal.committed();
};

const recordMove = (cloud: Cloud, from: Queue, to: Queue, message: Message): void => {
  const { traceId, parentId } = parseTraceHeader(message.trace);
  cloud.recorder.record({
    traceId: traceId ?? newTraceId(cloud.clock.now()),
    id: newSpanId(),
    ...(parentId ? { parentId } : {}),
    kind: "deliver",
    node: to.arn,
    from: from.arn,
    name: `sqs:redrive ${from.name}`,
    start: cloud.clock.now(),
    durationMs: 0,
    detail: { messageId: message.id, receives: message.receives },
  });
};
