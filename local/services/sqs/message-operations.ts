import type { AwsRequest } from "../../kit/cloud.ts";
import { integer, type Operation, queueOf, required, type SqsContext, strings } from "./context.ts";
import { md5, md5OfAttributes } from "./digest.ts";
import { SqsError, sqsErrors } from "./errors.ts";
import { type Entry, outgoing, received, senderOf } from "./messages.ts";
import { acknowledge, changeVisibility, poll } from "./receive.ts";
import { type Outgoing, send } from "./send.ts";
import type { Queue } from "./state.ts";

/** Bytes of all messages of one batch together. */
const BATCH_BYTES = 1_048_576;
/** Seconds: twelve hours. */
const VISIBILITY = [0, 43_200] as const;

const sender = (request: AwsRequest) => {
  const trace = request.headers["x-amzn-trace-id"];
  return { senderId: senderOf(request.caller), ...(trace ? { trace } : {}) };
};

const sendOne = (context: SqsContext, queue: Queue, message: Outgoing) => {
  const { id, sequence } = send(context.engine, queue, message);
  const attributes = md5OfAttributes(message.attributes ?? {});
  const system = message.systemDigest;
  return {
    MessageId: id,
    MD5OfMessageBody: md5(message.body),
    ...(attributes ? { MD5OfMessageAttributes: attributes } : {}),
    ...(system ? { MD5OfMessageSystemAttributes: system } : {}),
    ...(sequence ? { SequenceNumber: sequence } : {}),
  };
};

const sendMessage: Operation = async (context, input, request) => {
  const queue = queueOf(context, input);
  const { message } = outgoing(queue, input, sender(request));
  const sent = sendOne(context, queue, message);
  await context.engine.journal.committed();
  return sent;
};

const sendMessageBatch: Operation = async (context, input, request) => {
  const queue = queueOf(context, input);
  const entries = entriesOf(input, "SendMessageBatchRequestEntry");
  const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(String(entry.MessageBody ?? "")), 0);
  if (bytes > BATCH_BYTES) throw sqsErrors.batchTooLong(bytes, BATCH_BYTES);
  const answer = each(entries, (entry) =>
    sendOne(context, queue, outgoing(queue, entry, sender(request)).message),
  );
  await context.engine.journal.committed();
  return answer;
};

const receiveMessage: Operation = async (context, input) => {
  const queue = queueOf(context, input);
  const max = integer(input, "MaxNumberOfMessages", [1, 10]) ?? 1;
  const visibility = integer(input, "VisibilityTimeout", VISIBILITY);
  const wait = integer(input, "WaitTimeSeconds", [0, 20]);
  const attemptId = queue.settings.fifo ? input.ReceiveRequestAttemptId : undefined;
  const messages = await poll(
    context.engine,
    queue,
    {
      max,
      ...(visibility === undefined ? {} : { visibilityMs: visibility * 1000 }),
      ...(typeof attemptId === "string" ? { attemptId } : {}),
    },
    wait === undefined ? queue.settings.waitMs : wait * 1000,
  );
  if (messages.length === 0) return {};
  const system = [...strings(input, "AttributeNames"), ...strings(input, "MessageSystemAttributeNames")];
  const custom = strings(input, "MessageAttributeNames");
  return { Messages: messages.map((message) => received(message, system, custom)) };
};

const deleteMessage: Operation = async (context, input) => {
  acknowledge(context.engine, queueOf(context, input), required(input, "ReceiptHandle"));
  await context.engine.journal.committed();
  return {};
};

const deleteMessageBatch: Operation = async (context, input) => {
  const queue = queueOf(context, input);
  const answer = each(entriesOf(input, "DeleteMessageBatchRequestEntry"), (entry) => {
    acknowledge(context.engine, queue, required(entry, "ReceiptHandle"));
    return {};
  });
  await context.engine.journal.committed();
  return answer;
};

const changeOne = (context: SqsContext, queue: Queue, entry: Entry): object => {
  const seconds = integer(entry, "VisibilityTimeout", VISIBILITY);
  if (seconds === undefined) throw sqsErrors.missing("VisibilityTimeout");
  changeVisibility(context.engine, queue, required(entry, "ReceiptHandle"), seconds * 1000);
  return {};
};

const changeMessageVisibility: Operation = (context, input) =>
  changeOne(context, queueOf(context, input), input);

const changeMessageVisibilityBatch: Operation = (context, input) => {
  const queue = queueOf(context, input);
  return each(entriesOf(input, "ChangeMessageVisibilityBatchRequestEntry"), (entry) =>
    changeOne(context, queue, entry),
  );
};

const entriesOf = (input: Entry, kind: string): readonly Entry[] => {
  const entries = Array.isArray(input.Entries) ? (input.Entries as Entry[]) : [];
  if (entries.length === 0) throw sqsErrors.emptyBatch(kind);
  if (entries.length > 10) throw sqsErrors.tooMany(entries.length);
  const ids = new Set<unknown>();
  for (const { Id } of entries) {
    if (typeof Id !== "string" || !/^[\w-]{1,80}$/.test(Id)) throw sqsErrors.badEntryId();
    if (ids.has(Id)) throw sqsErrors.notDistinct(Id);
    ids.add(Id);
  }
  return entries;
};

// One entry's failure is its own: the others go through, in order.
const each = (entries: readonly Entry[], act: (entry: Entry) => object): object => {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...act(entry) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.queryCode, Message: error.message });
    }
  }
  return { Successful, Failed };
};

/** Operations on messages. */
export const messageOperations: Readonly<Record<string, Operation>> = {
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
};
