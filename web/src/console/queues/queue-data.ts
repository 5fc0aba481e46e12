import * as v from "valibot";

const Queue = v.object({
  name: v.string(),
  arn: v.string(),
  url: v.string(),
  fifo: v.boolean(),
  delayed: v.number(),
  ready: v.number(),
  inFlight: v.number(),
  oldestSeconds: v.number(),
  deadLetterOf: v.array(v.string()),
  deadLettersTo: v.optional(v.string()),
  maxReceives: v.optional(v.number()),
  consumers: v.array(v.string()),
});
/** A queue. */
export type Queue = v.InferOutput<typeof Queue>;

/** Every queue. */
export const Queues = v.object({ queues: v.array(Queue) });

const Message = v.object({
  id: v.string(),
  body: v.string(),
  state: v.string(),
  sentAt: v.number(),
  visibleAt: v.number(),
  receives: v.number(),
  attributes: v.record(v.string(), v.string()),
  groupId: v.optional(v.string()),
  trace: v.optional(v.string()),
  deadLetterSource: v.optional(v.string()),
});
/** A message, looked at without being received. */
export type Message = v.InferOutput<typeof Message>;

/** A page of a queue's messages. */
export const Messages = v.object({
  messages: v.array(Message),
  total: v.number(),
  next: v.optional(v.number()),
});

const Task = v.object({
  handle: v.string(),
  status: v.string(),
  moved: v.number(),
  total: v.number(),
  startedAt: v.number(),
  destinationArn: v.optional(v.string()),
  failure: v.optional(v.string()),
});
/** A redrive of dead letters, under way or over. */
export type Task = v.InferOutput<typeof Task>;

/** The latest redrives of a queue. */
export const Tasks = v.object({ tasks: v.array(Task) });

/** What sending a message gave. */
export const Sent = v.object({ id: v.string(), traceId: v.string() });
