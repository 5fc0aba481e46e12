import { arnOf, but, type Example, made, plus, policy, tlsOnly, without } from "../kit/example.ts";

const QUEUE = "aws:sqs/queue:Queue";
const FORTNIGHT = 1_209_600;

const redrive = (maxReceiveCount: number) =>
  JSON.stringify({ deadLetterTargetArn: arnOf("sqs", "WorkDlq"), maxReceiveCount });

const work = made(QUEUE, "Work", { redrivePolicy: redrive(5), sqsManagedSseEnabled: true });
const dlq = made(QUEUE, "WorkDlq", { messageRetentionSeconds: FORTNIGHT, kmsMasterKeyId: "alias/ours" });
const lost = made(QUEUE, "Lost", { messageRetentionSeconds: FORTNIGHT, sqsManagedSseEnabled: true });
const target = made("aws:cloudwatch/eventTarget:EventTarget", "Target", {
  deadLetterConfig: { arn: arnOf("sqs", "Lost") },
});
const consumer = made("aws:lambda/eventSourceMapping:EventSourceMapping", "Consumer", {
  eventSourceArn: arnOf("sqs", "Work"),
});
const topic = made("aws:sns/topic:Topic", "Topic", { kmsMasterKeyId: "key" });
const heard = made("aws:sns/topicSubscription:TopicSubscription", "Heard", { redrivePolicy: redrive(1) });

const send = (
  source: Record<string, unknown> = { ArnLike: { "AWS:SourceArn": arnOf("events", "rule/bus/one") } },
) => ({
  Effect: "Allow",
  Principal: { Service: ["events.amazonaws.com"] },
  Action: "sqs:SendMessage",
  Resource: arnOf("sqs", "Work"),
  Condition: source,
});

const workAccess = made("aws:sqs/queuePolicy:QueuePolicy", "WorkAccess", {
  queueUrl: "Work",
  policy: policy(tlsOnly("sqs:*"), send()),
});
const topicAccess = made("aws:sns/topicPolicy:TopicPolicy", "TopicAccess", {
  arn: arnOf("sns", "Topic"),
  policy: policy(tlsOnly("sns:*")),
});

/** Queues and topics. */
export const messagingExamples: readonly Example[] = [
  {
    rule: 20,
    kept: [work, dlq, lost, target],
    broken: {
      "no redrive": but("Work", { redrivePolicy: undefined }),
      "a DLQ of nothing": without("Target"),
    },
  },
  {
    rule: 21,
    kept: [work, dlq, consumer],
    broken: {
      "three attempts": but("Work", { redrivePolicy: redrive(3) }),
      "no redrive": but("Work", { redrivePolicy: undefined }),
    },
  },
  {
    rule: 22,
    kept: [work, dlq, lost, target],
    broken: {
      "as long as its source": but("WorkDlq", { messageRetentionSeconds: 345_600 }),
      "unstated, for events": but("Lost", { messageRetentionSeconds: undefined }),
      "another kind": but("Work", { fifoQueue: true }),
    },
  },
  {
    rule: 23,
    kept: [work, dlq],
    broken: {
      unstated: but("Work", { sqsManagedSseEnabled: undefined }),
      "no key": but("WorkDlq", { kmsMasterKeyId: undefined }),
    },
  },
  {
    rule: 24,
    kept: [work, workAccess, topic, topicAccess],
    broken: {
      "a queue without a policy": without("WorkAccess"),
      "a queue's policy without TLS": but("WorkAccess", { policy: policy(send()) }),
      "a second policy, which wins": plus({ ...workAccess, name: "Second" }),
      "a topic without a policy": without("TopicAccess"),
      "TLS for some": but("TopicAccess", {
        policy: policy({ ...tlsOnly("sns:*"), Principal: { Service: "s3.amazonaws.com" } }),
      }),
    },
  },
  {
    rule: 25,
    kept: [workAccess],
    broken: {
      "any source": but("WorkAccess", { policy: policy(send({})) }),
      "an account is no source": but("WorkAccess", {
        policy: policy(send({ StringEquals: { "aws:SourceAccount": "000000000000" } })),
      }),
    },
  },
  {
    rule: 26,
    kept: [topic, heard],
    broken: {
      "in the clear": but("Topic", { kmsMasterKeyId: undefined }),
      "no redrive": but("Heard", { redrivePolicy: undefined }),
    },
  },
];
