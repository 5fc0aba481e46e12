import { byType } from "../../graph/graph.ts";
import type { Action, View } from "../../kit/cloud.ts";
import { givenNumber, givenText, neededText } from "../../kit/console-input.ts";
import { newSpanId, newTraceId, traceHeader } from "../../kit/recorder.ts";
import type { SqsContext } from "./context.ts";
import { type Engine, remove, settle } from "./engine.ts";
import { outgoing } from "./messages.ts";
import { cancelMove, type MoveTask, startMove } from "./moves.ts";
import { purge } from "./queue-operations.ts";
import { send } from "./send.ts";
import type { Message, Queue } from "./state.ts";

/** A queue as the console shows it. */
export interface QueueView {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly fifo: boolean;
  readonly delayed: number;
  readonly ready: number;
  readonly inFlight: number;
  /** Age of the oldest message, seconds; CloudWatch's ApproximateAgeOfOldestMessage. */
  readonly oldestSeconds: number;
  readonly deadLetterOf: readonly string[];
  /** Where its own dead letters go, and after how many receives. */
  readonly deadLettersTo?: string;
  readonly maxReceives?: number;
}

/** What the console shows of a queue. */
export const queueView = (engine: Engine, queue: Queue): QueueView => {
  settle(engine, queue);
  const oldest = queue.messages.values().next().value?.sentAt;
  const { redrive, fifo } = queue.settings;
  return {
    name: queue.name,
    arn: queue.arn,
    url: queue.url,
    fifo,
    delayed: queue.counts.delayed,
    ready: queue.counts.ready,
    inFlight: queue.counts.flying,
    oldestSeconds: oldest === undefined ? 0 : Math.floor((engine.clock.now() - oldest) / 1000),
    deadLetterOf: [...engine.queues.values()]
      .filter((other) => other.settings.redrive?.arn === queue.arn)
      .map((other) => other.arn),
    ...(redrive ? { deadLettersTo: redrive.arn, maxReceives: redrive.maxReceives } : {}),
  };
};

/** Messages of a page. */
const PAGE = 50;

const queueNamed = ({ engine }: SqsContext, name: string): Queue => {
  const queue = engine.queues.get(name);
  if (!queue) throw new Error(`There is no queue ${name}.`);
  return queue;
};

const messageView = (message: Message) => ({
  id: message.id,
  body: message.body,
  state: message.state,
  sentAt: message.sentAt,
  visibleAt: message.visibleAt,
  receives: message.receives,
  attributes: Object.fromEntries(
    Object.entries(message.attributes).map(([name, { StringValue, BinaryValue }]) => [
      name,
      StringValue ?? `(binary) ${BinaryValue ?? ""}`,
    ]),
  ),
  ...(message.groupId === undefined ? {} : { groupId: message.groupId }),
  ...(message.trace === undefined ? {} : { trace: message.trace }),
  ...(message.deadLetterSource === undefined ? {} : { deadLetterSource: message.deadLetterSource }),
});

/** Looks at messages without receiving them: nothing is hidden, nothing counted. */
const peek = (context: SqsContext, query: URLSearchParams) => {
  const queue = queueNamed(context, neededText(query, "queue"));
  settle(context.engine, queue);
  const from = givenNumber(query, "from", 0, 10_000_000) ?? 0;
  const shown = queue.messages.values().drop(from).take(PAGE).map(messageView).toArray();
  const next = from + shown.length;
  return { messages: shown, total: queue.messages.size, ...(next < queue.messages.size ? { next } : {}) };
};

const taskView = (task: MoveTask) => ({
  handle: task.handle,
  status: task.status,
  moved: task.moved,
  total: task.total,
  startedAt: task.startedAt,
  ...(task.destinationArn === undefined ? {} : { destinationArn: task.destinationArn }),
  ...(task.failure === undefined ? {} : { failure: task.failure }),
});

const consumers = ({ cloud }: SqsContext, arn: string): readonly string[] =>
  byType(cloud.graph, "aws:lambda/eventSourceMapping:EventSourceMapping")
    .filter(({ inputs }) => inputs.eventSourceArn === arn)
    .map(({ inputs }) => String(inputs.functionName ?? inputs.functionArn));

/** What the console shows of queues. */
export const sqsViews = (context: SqsContext): Readonly<Record<string, View>> => ({
  queues: () => ({
    queues: [...context.engine.queues.values()].map((queue) => ({
      ...queueView(context.engine, queue),
      consumers: consumers(context, queue.arn),
    })),
  }),
  messages: (query) => peek(context, query),
  tasks: (query) => {
    const { arn } = queueNamed(context, neededText(query, "queue"));
    return {
      tasks: context.tasks
        .filter(({ sourceArn }) => sourceArn === arn)
        .slice(0, 10)
        .map(taskView),
    };
  },
});

const sendOne: (context: SqsContext) => Action = (context) => async (input) => {
  const queue = queueNamed(context, neededText(input, "queue"));
  const { cloud, engine } = context;
  const traceId = newTraceId(cloud.clock.now());
  const entry = {
    MessageBody: neededText(input, "body"),
    MessageGroupId: givenText(input, "groupId") ?? (queue.settings.fifo ? "console" : undefined),
    MessageDeduplicationId: queue.settings.fifo ? newSpanId() : undefined,
    DelaySeconds: givenNumber(input, "delaySeconds", 0, 900),
  };
  const trace = traceHeader(traceId, newSpanId());
  const { message } = outgoing(queue, entry, { senderId: "AIDALOCALCONSOLE", trace });
  const { id } = send(engine, queue, message);
  await engine.journal.committed();
  return { id, traceId };
};

const deleteOne: (context: SqsContext) => Action = (context) => async (input) => {
  const { engine } = context;
  const queue = queueNamed(context, neededText(input, "queue"));
  const message = queue.messages.get(neededText(input, "id"));
  if (!message) throw new Error("That message is no longer in the queue.");
  engine.journal.deleted(queue, message);
  remove(queue, message);
  await engine.journal.committed();
  return {};
};

/** What a person may do to queues. */
export const sqsActions = (context: SqsContext): Readonly<Record<string, Action>> => ({
  redrive: (input) => {
    const { arn } = queueNamed(context, neededText(input, "queue"));
    const to = givenText(input, "to");
    const perSecond = givenNumber(input, "perSecond", 1, 500);
    const { TaskHandle } = startMove(context, {
      SourceArn: arn,
      ...(to === undefined ? {} : { DestinationArn: queueNamed(context, to).arn }),
      ...(perSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: perSecond }),
    });
    return { handle: TaskHandle };
  },
  "cancel-redrive": (input) => cancelMove(context, { TaskHandle: neededText(input, "handle") }),
  purge: (input) => purge(context, queueNamed(context, neededText(input, "queue"))),
  send: sendOne(context),
  delete: deleteOne(context),
});
