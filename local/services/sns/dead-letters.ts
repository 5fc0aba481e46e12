import type { Message, Subscription } from "./model.ts";
import { forQueue, type Reach } from "./reach.ts";

/** Sends what could not be delivered to the subscription's dead-letter queue; without one it is dropped, and said so. */
export const bury = async (reach: Reach, message: Message, subscription: Subscription, reason: string) => {
  const { cloud } = reach;
  const where = `${subscription.topicArn} → ${subscription.endpoint}`;
  const target = deadLetterArn(subscription);
  if (target === undefined) return cloud.print(`✗ ${where}: ${reason} (no dead-letter queue: dropped)`);
  const letter = forQueue(reach, message, { ...subscription, endpoint: target });
  await cloud
    .deliver(target, letter)
    .catch((error: unknown) =>
      cloud.print(`✗ ${where}: dead letter not taken by ${target}: ${String(error)}`),
    );
};

const deadLetterArn = ({ attributes }: Subscription): string | undefined => {
  const policy = attributes.RedrivePolicy;
  if (!policy) return undefined;
  const { deadLetterTargetArn } = JSON.parse(policy) as { deadLetterTargetArn?: string };
  return deadLetterTargetArn;
};
