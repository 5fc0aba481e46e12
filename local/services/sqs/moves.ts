import { randomUUID } from "node:crypto";
import { integer, type Operation, required, type SqsContext } from "./context.ts";
import { place, queueByArn, remove, settle, wake } from "./engine.ts";
import { sqsErrors } from "./errors.ts";
import type { Entry } from "./messages.ts";
import { nextSequence } from "./send.ts";
import type { Message, Queue } from "./state.ts";

/** A redrive of dead letters, as ListMessageMoveTasks shows it. */
export interface MoveTask {
  readonly handle: string;
  readonly sourceArn: string;
  readonly destinationArn?: string;
  readonly perSecond?: number;
  readonly startedAt: number;
  readonly total: number;
  moved: number;
  status: "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED";
  failure?: string;
}

/** Time between steps of a task, ms, and messages per step when no rate was asked for. */
const STEP_MS = 100;
const STEP_MESSAGES = 50;

const sourceOf = (context: SqsContext, arn: string): Queue => {
  const queue = queueByArn(context.engine, arn);
  if (!queue) throw missingResource();
  const isDlq = [...context.engine.queues.values()].some((other) => other.settings.redrive?.arn === arn);
  if (!isDlq) throw sqsErrors.invalid("Source queue must be configured as a Dead Letter Queue.");
  return queue;
};

const missingResource = () =>
  sqsErrors.noResource("The resource that you specified for the SourceArn parameter doesn't exist.");

/** Starts moving a queue's dead letters back to where each came from, or to one queue. */
export const startMove = (context: SqsContext, input: Entry): { TaskHandle: string } => {
  const source = sourceOf(context, required(input, "SourceArn"));
  const destination = typeof input.DestinationArn === "string" ? input.DestinationArn : undefined;
  const perSecond = integer(input, "MaxNumberOfMessagesPerSecond", [1, 500]);
  if (destination !== undefined && !queueByArn(context.engine, destination))
    throw sqsErrors.noResource(
      "The resource that you specified for the DestinationArn parameter doesn't exist.",
    );
  if (context.tasks.some((task) => task.sourceArn === source.arn && task.status === "RUNNING"))
    throw sqsErrors.unsupported(
      "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
    );
  settle(context.engine, source);
  const task: MoveTask = {
    handle: Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString("base64"),
    sourceArn: source.arn,
    ...(destination === undefined ? {} : { destinationArn: destination }),
    ...(perSecond === undefined ? {} : { perSecond }),
    startedAt: context.cloud.clock.now(),
    total: source.counts.ready,
    moved: 0,
    status: "RUNNING",
  };
  context.tasks.unshift(task);
  context.cloud.clock.after(0, () => step(context, task));
  return { TaskHandle: task.handle };
};

const step = (context: SqsContext, task: MoveTask): void => {
  const { engine } = context;
  if (task.status === "CANCELLING") task.status = "CANCELLED";
  const source = queueByArn(engine, task.sourceArn);
  if (task.status !== "RUNNING" || !source) return;
  settle(engine, source);
  const due = Math.min(task.total, dueBy(task, engine.clock.now()));
  for (const message of source.messages.values()) {
    if (task.moved >= due) break;
    if (message.state !== "ready") continue;
    const target = queueByArn(engine, task.destinationArn ?? message.deadLetterSource ?? "");
    if (!target || target.settings.fifo !== source.settings.fifo) {
      task.status = "FAILED";
      task.failure = target ? "CouldNotDetermineMessageSource" : "AWS.SimpleQueueService.NonExistentQueue";
      return;
    }
    redrive(context, source, target, message);
    task.moved++;
  }
  if (task.moved >= task.total || source.counts.ready === 0) task.status = "COMPLETED";
  else context.cloud.clock.after(STEP_MS, () => step(context, task));
};

const dueBy = (task: MoveTask, now: number): number =>
  task.perSecond === undefined
    ? task.moved + STEP_MESSAGES
    : 1 + Math.floor(((now - task.startedAt) / 1000) * task.perSecond);

// A redriven message is a new message: new id, new time, no receives.
const redrive = ({ engine }: SqsContext, source: Queue, target: Queue, message: Message): void => {
  const now = engine.clock.now();
  engine.journal.deleted(source, message);
  remove(source, message);
  const { receipt: _receipt, firstReceivedAt: _first, deadLetterSource: _from, ...rest } = message;
  const moved: Message = {
    ...rest,
    id: randomUUID(),
    sentAt: now,
    ...(target.settings.fifo ? { sequence: nextSequence(target) } : {}),
    receives: 0,
    receivesHere: 0,
    visibleAt: now + target.settings.delayMs,
    state: "gone",
  };
  engine.journal.sent(target, moved);
  place(target, moved, now);
  engine.moved(source, target, moved);
  wake(engine, target);
};

const list: Operation = (context, input) => {
  const source = sourceOf(context, required(input, "SourceArn"));
  const max = integer(input, "MaxResults", [1, 10]) ?? 1;
  const tasks = context.tasks.filter((task) => task.sourceArn === source.arn).slice(0, max);
  return {
    Results: tasks.map((task) => ({
      ...(task.status === "RUNNING" ? { TaskHandle: task.handle } : {}),
      Status: task.status,
      SourceArn: task.sourceArn,
      ...(task.destinationArn === undefined ? {} : { DestinationArn: task.destinationArn }),
      ...(task.perSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: task.perSecond }),
      ApproximateNumberOfMessagesMoved: task.moved,
      ApproximateNumberOfMessagesToMove: task.total,
      ...(task.failure === undefined ? {} : { FailureReason: task.failure }),
      StartedTimestamp: task.startedAt,
    })),
  };
};

/** Stops a move at its next step. */
export const cancelMove = (context: SqsContext, input: Entry): object => {
  const handle = required(input, "TaskHandle");
  const task = context.tasks.find((known) => known.handle === handle);
  if (!task) throw sqsErrors.noResource("Task does not exist.");
  if (task.status !== "RUNNING")
    throw sqsErrors.unsupported("Task cannot be cancelled; only running tasks can be.");
  task.status = "CANCELLING";
  return { ApproximateNumberOfMessagesMoved: task.moved };
};

/** Operations that move dead letters back. */
export const moveOperations: Readonly<Record<string, Operation>> = {
  StartMessageMoveTask: startMove,
  ListMessageMoveTasks: list,
  CancelMessageMoveTask: cancelMove,
};
