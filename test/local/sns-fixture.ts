import { cpSync } from "node:fs";
import { SNSClient } from "@aws-sdk/client-sns";
import { type Message, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { Resource } from "../../local/graph/graph.ts";
import type { AwsService } from "../../local/kit/cloud.ts";
import { sns } from "../../local/services/sns/sns.ts";
import { sqs } from "../../local/services/sqs/sqs.ts";
import { arn, type Handler, resource, startHarness, temporaryDirectory } from "./sqs-harness.ts";

export const topicArn = (name: string): string => arn("sns", name);

/** A topic of the graph. */
export const topic = (name: string, inputs: Record<string, unknown> = {}): Resource =>
  resource(
    "aws:sns/topic:Topic",
    name,
    { name, ...(name.endsWith(".fifo") ? { fifoTopic: true } : {}), ...inputs },
    { arn: topicArn(name) },
    topicArn(name),
  );

/** A subscription of the graph; its id is made of the subscriber's name. */
export const subscription = (
  name: string,
  protocol: string,
  endpoint: string,
  inputs: Record<string, unknown> = {},
): Resource => {
  const own = `${topicArn(name)}:${endpoint.replace(/\W+/g, "-")}`;
  return resource(
    "aws:sns/topicSubscription:TopicSubscription",
    `${name}${endpoint}`,
    { topic: topicArn(name), protocol, endpoint, ...inputs },
    { arn: own },
    own,
  );
};

/** What is in the outbox, as far as tests look. */
export interface OutboxEntry {
  readonly id: number;
  readonly kind: string;
  readonly to: string;
  readonly status: string;
  readonly reason?: string;
  readonly subject?: string;
  readonly body: string;
  readonly detail?: Record<string, unknown>;
}

/** SNS and SQS behind the real endpoint. */
export const startSns = async (
  resources: Resource[],
  options: { functions?: Record<string, Handler>; dataDir?: string; aheadMs?: number } = {},
) => {
  let service: AwsService | undefined;
  const harness = await startHarness({
    resources,
    services: [
      sqs,
      async (cloud) => {
        service = await sns(cloud);
        return service;
      },
    ],
    ...options,
  });
  const { accessKeyId, secretAccessKey } = harness.cloud.credentials.developer;
  const client = new SNSClient({
    endpoint: harness.cloud.endpoint,
    region: harness.cloud.graph.region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 2, // the first after a leap of the clock teaches the client the time
  });
  const view = (name: string, query = "") => service?.views?.[name]?.(new URLSearchParams(query));
  return {
    ...harness,
    sns: client,
    view,
    outbox: (after = 0) => view("outbox", `after=${after}`) as OutboxEntry[],
    act: async (name: string, input: Record<string, unknown>) => service?.actions?.[name]?.(input),
    /** Messages of a queue, waiting for the first. */
    async take(name: string, waitSeconds = 5): Promise<Message[]> {
      const { Messages = [] } = await harness.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: harness.url(name),
          WaitTimeSeconds: waitSeconds,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
        }),
      );
      return Messages;
    },
    async stop() {
      client.destroy();
      await harness.stop();
    },
  };
};

export type RunningSns = Awaited<ReturnType<typeof startSns>>;

/** What a kill would leave of a data directory: a copy of it as it stands now. */
export const killed = (dataDir: string) => {
  const copy = temporaryDirectory();
  cpSync(dataDir, copy.path, { recursive: true });
  return copy;
};
