import { byType, type Resource } from "../../graph/graph.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { place } from "./engine.ts";
import type { Kept } from "./journal.ts";
import { DEDUPLICATION_MS } from "./send.ts";
import { checkAttributes, type QueueAttributes } from "./settings.ts";
import { createQueue, type Queue } from "./state.ts";

/** Where a queue is reached: always on this machine. */
export const urlOf = (cloud: Cloud, name: string): string =>
  `${cloud.endpoint}/${cloud.graph.accountId}/${name}`;

/** The graph's queues, and those made at run time that it does not name; still empty. */
export const definedQueues = (cloud: Cloud, kept: ReadonlyMap<string, Kept>): Queue[] => {
  const now = cloud.clock.now();
  const ofGraph = byType(cloud.graph, "aws:sqs/queue:Queue").map((resource) => {
    const arn = String(resource.outputs.arn);
    const name = arn.slice(arn.lastIndexOf(":") + 1);
    const tags = (resource.inputs.tags ?? {}) as Record<string, string>;
    const identity = { name, arn, url: urlOf(cloud, name), runtime: false };
    return createQueue(identity, checked(resource, attributesOf(cloud, resource)), tags, now);
  });
  const names = new Set(ofGraph.map((queue) => queue.name));
  const { region, accountId } = cloud.graph;
  const atRunTime = [...kept].flatMap(([name, { definition }]) => {
    if (!definition || names.has(name)) return [];
    const arn = `arn:aws:sqs:${region}:${accountId}:${name}`;
    const identity = { name, arn, url: urlOf(cloud, name), runtime: true };
    return [createQueue(identity, definition.attributes, definition.tags, definition.createdAt)];
  });
  return [...ofGraph, ...atRunTime];
};

// What AWS would refuse at deployment is refused at start, with the place it was written.
const checked = (resource: Resource, attributes: QueueAttributes): QueueAttributes => {
  try {
    checkAttributes(attributes, resource.inputs.fifoQueue === true);
    return attributes;
  } catch (error) {
    const where = resource.source ? ` (${resource.source})` : "";
    throw new Error(`Queue ${resource.name}${where}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
};

const INPUTS: Readonly<Record<string, string>> = {
  delaySeconds: "DelaySeconds",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  visibilityTimeoutSeconds: "VisibilityTimeout",
  kmsDataKeyReusePeriodSeconds: "KmsDataKeyReusePeriodSeconds",
  kmsMasterKeyId: "KmsMasterKeyId",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  contentBasedDeduplication: "ContentBasedDeduplication",
  deduplicationScope: "DeduplicationScope",
  fifoThroughputLimit: "FifoThroughputLimit",
  policy: "Policy",
  redrivePolicy: "RedrivePolicy",
  redriveAllowPolicy: "RedriveAllowPolicy",
};

const attributesOf = (cloud: Cloud, resource: Resource): QueueAttributes => {
  const fifo = resource.inputs.fifoQueue === true;
  const own = Object.entries(INPUTS).flatMap(([input, name]): [string, string][] => {
    const value = resource.inputs[input];
    if (value === undefined || value === null || value === "") return [];
    if (!fifo && name === "ContentBasedDeduplication") return [];
    return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
  // Policies may also stand as resources of their own.
  const apart = ["policy", "redrivePolicy", "redriveAllowPolicy"].flatMap((input) => {
    const token = input === "policy" ? "queuePolicy" : input;
    const type = `aws:sqs/${token}:${token.charAt(0).toUpperCase()}${token.slice(1)}`;
    return byType(cloud.graph, type)
      .filter(
        (other) => other.inputs.queueUrl === resource.id || other.inputs.queueUrl === resource.outputs.url,
      )
      .map((other): [string, string] => [String(INPUTS[input]), String(other.inputs[input])]);
  });
  return Object.fromEntries([...own, ...apart]);
};

/** Puts back what a queue held when the cloud stopped. */
export const restoreQueue = (cloud: Cloud, queue: Queue, kept: Kept | undefined): void => {
  const now = cloud.clock.now();
  for (const message of kept?.messages.values() ?? []) {
    place(queue, message, now);
    if (message.sequence !== undefined && BigInt(message.sequence) >= queue.nextSequence)
      queue.nextSequence = BigInt(message.sequence) + 1n;
  }
  for (const [key, duplicate] of kept?.seen ?? [])
    if (now - duplicate.at < DEDUPLICATION_MS) queue.seen.set(key, duplicate);
};
