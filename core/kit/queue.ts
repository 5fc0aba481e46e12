import { randomUUID } from "node:crypto";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";

const MAX_ENTRIES = 10; // SendMessageBatch takes 10 entries a call
const MAX_ATTEMPTS = 4;

let shared: SQSClient | undefined;

/** Sends every message as JSON or throws: entries the queue refused are sent again, only those. */
export const send = async (queueUrl: string, messages: readonly unknown[]): Promise<void> => {
  shared ??= new SQSClient({});
  for (let start = 0; start < messages.length; start += MAX_ENTRIES) {
    await sendTen(shared, queueUrl, messages.slice(start, start + MAX_ENTRIES));
  }
};

const sendTen = async (client: SQSClient, queueUrl: string, messages: readonly unknown[]) => {
  let left = messages.map((message) => ({ Id: randomUUID(), MessageBody: JSON.stringify(message) }));
  for (let attempt = 1; left.length > 0; attempt++) {
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: left }));
    const refused = new Set((answer.Failed ?? []).map((failure) => failure.Id));
    if (refused.size > 0 && attempt === MAX_ATTEMPTS) {
      throw new Error(`The queue refused ${refused.size} of ${messages.length} messages`);
    }
    left = left.filter((entry) => refused.has(entry.Id));
  }
};
