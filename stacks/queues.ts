/** A service of AWS that may send to a queue, and on behalf of which resource (`*` allowed in the ARN). */
export interface Sender {
  readonly service: string;
  readonly source: $util.Input<string>;
}

/** The longest SQS keeps a message, in seconds: two weeks to notice. */
const LONGEST = 1_209_600;

/**
 * The one policy of a queue (SQS keeps only the last one written): nothing without TLS; of AWS's services only the
 * senders, each for its own resource.
 */
export const guardQueue = (name: string, queue: sst.aws.Queue, senders: readonly Sender[] = []) =>
  new aws.sqs.QueuePolicy(`${name}Access`, {
    queueUrl: queue.url,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["sqs:*"],
          resources: [queue.arn],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
        ...senders.map(({ service, source }) => ({
          principals: [{ type: "Service", identifiers: [service] }],
          actions: ["sqs:SendMessage"],
          resources: [queue.arn],
          conditions: [{ test: "ArnLike", variable: "aws:SourceArn", values: [source] }],
        })),
      ],
    }).json,
  });

/** A queue for what failed. */
export const deadLetters = (name: string, senders: readonly Sender[] = []) => {
  const queue = new sst.aws.Queue(name, { transform: { queue: { messageRetentionSeconds: LONGEST } } });
  guardQueue(name, queue, senders);
  return queue;
};

/**
 * A queue and the queue its poison goes to. Visibility is six times the consumer's timeout, as AWS asks. Who feeds the
 * queue guards it (`fromBus`, or `guardQueue` where only our functions send). A message is not seen for `delaySeconds`.
 */
export const queueWithDlq = (name: string, timeoutSeconds: number, delaySeconds = 0) => {
  const dlq = deadLetters(`${name}Dlq`);
  const queue = new sst.aws.Queue(name, {
    visibilityTimeout: `${timeoutSeconds * 6} seconds`,
    ...(delaySeconds > 0 && { delay: `${delaySeconds} seconds` }),
    dlq: { queue: dlq.arn, retry: 5 },
  });
  return { queue, dlq };
};
