import { deadLetters } from "./queues.ts";
import { production } from "./stage.ts";

/** Where alarms and the budget speak. Subscribed by ALARM_EMAIL, when that is set at deploy time. */
export const alerts = () => {
  const account = aws.getCallerIdentityOutput().accountId;
  const region = aws.getRegionOutput().region;
  const speakers = [
    {
      service: "cloudwatch.amazonaws.com",
      source: $interpolate`arn:aws:cloudwatch:${region}:${account}:alarm:*`,
    },
    { service: "budgets.amazonaws.com", source: $interpolate`arn:aws:budgets::${account}:*` },
  ];
  const key = production() ? topicKey(account, speakers) : undefined;
  const topic = new aws.sns.Topic("Alerts", key && { kmsMasterKeyId: key.id });
  new aws.sns.TopicPolicy("AlertsAccess", {
    arn: topic.arn,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["sns:*"],
          resources: [topic.arn],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
        ...speakers.map((speaker) => ({
          ...mayAs(speaker),
          actions: ["sns:Publish"],
          resources: [topic.arn],
        })),
      ],
    }).json,
  });
  const email = process.env.ALARM_EMAIL;
  if (email) subscribe(topic, email);
  return topic;
};

const mayAs = ({ service, source }: { service: string; source: $util.Input<string> }) => ({
  principals: [{ type: "Service", identifiers: [service] }],
  conditions: [{ test: "ArnLike", variable: "aws:SourceArn", values: [source] }],
});

// CloudWatch cannot publish to a topic under SNS's own key, so the topic needs one of ours: $1 a month, idle or not.
const topicKey = (account: $util.Input<string>, speakers: Parameters<typeof mayAs>[0][]) =>
  new aws.kms.Key("AlertsKey", {
    description: "Alarms on their way to whoever is on call",
    enableKeyRotation: true,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          principals: [{ type: "AWS", identifiers: [$interpolate`arn:aws:iam::${account}:root`] }],
          actions: ["kms:*"],
          resources: ["*"],
        },
        ...speakers.map((speaker) => ({
          ...mayAs(speaker),
          actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
          resources: ["*"],
        })),
      ],
    }).json,
  });

const subscribe = (topic: aws.sns.Topic, endpoint: string) => {
  const undelivered = deadLetters("AlertsLost", [{ service: "sns.amazonaws.com", source: topic.arn }]);
  new aws.sns.TopicSubscription("AlertsEmail", {
    topic: topic.arn,
    protocol: "email",
    endpoint,
    redrivePolicy: $util.jsonStringify({ deadLetterTargetArn: undelivered.arn }),
  });
};

/** Tells when four fifths of the month's money are spent, and when the month is heading beyond it. In US dollars. */
export const budget = (topic: aws.sns.Topic, dollars: number) => {
  const notice = (notificationType: string, threshold: number) => ({
    notificationType,
    threshold,
    thresholdType: "PERCENTAGE",
    comparisonOperator: "GREATER_THAN",
    subscriberSnsTopicArns: [topic.arn],
  });
  // The whole account's: a filter by tag sees nothing until somebody activates the tag for billing.
  return new aws.budgets.Budget("Spending", {
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: String(dollars),
    limitUnit: "USD",
    notifications: [notice("ACTUAL", 80), notice("FORECASTED", 100)],
  });
};
