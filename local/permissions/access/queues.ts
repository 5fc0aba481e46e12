import { anything, arnOf, own, type Reader, type ServiceCall, type Table, text } from "./access.ts";

/** Forms may be sent to the queue's own path instead of naming its URL. */
const nameOfUrl = (call: ServiceCall) =>
  (text(call.input.QueueUrl) || call.request.path).split("/").at(-1) ?? "";
const ofUrl = (call: ServiceCall) => arnOf(call, "sqs", nameOfUrl(call));
const ofName = (call: ServiceCall) => arnOf(call, "sqs", text(call.input.QueueName));
const ofSource = (call: ServiceCall) => text(call.input.SourceArn);

/** A move task's handle names its source: base64 of JSON. */
const ofHandle = (call: ServiceCall): string => {
  const handle = Buffer.from(text(call.input.TaskHandle), "base64").toString("utf8");
  return /"sourceArn"\s*:\s*"([^"]+)"/.exec(handle)?.[1] ?? arnOf(call, "sqs", "*");
};

const as =
  (action: string): Reader =>
  (call) => [{ action: `sqs:${action}`, resource: ofUrl(call) }];

/** Operations of SQS: batches need the permission of the single operation. */
export const sqs: Table = {
  ...own(
    "sqs",
    `SendMessage ReceiveMessage DeleteMessage ChangeMessageVisibility GetQueueAttributes SetQueueAttributes
     AddPermission RemovePermission PurgeQueue DeleteQueue ListQueueTags TagQueue UntagQueue
     ListDeadLetterSourceQueues`,
    ofUrl,
  ),
  SendMessageBatch: as("SendMessage"),
  DeleteMessageBatch: as("DeleteMessage"),
  ChangeMessageVisibilityBatch: as("ChangeMessageVisibility"),
  ...own("sqs", "CreateQueue GetQueueUrl", ofName),
  ...own("sqs", "StartMessageMoveTask ListMessageMoveTasks", ofSource),
  ...own("sqs", "CancelMessageMoveTask", ofHandle),
  ...own("sqs", "ListQueues", anything),
};
