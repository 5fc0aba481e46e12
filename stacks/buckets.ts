type BucketArgs = NonNullable<ConstructorParameters<typeof sst.aws.Bucket>[1]>;
type Grant = Extract<NonNullable<BucketArgs["policy"]>, readonly unknown[]>[number];

/** The one lifecycle rule of a bucket: nothing half-uploaded stays, nothing overwritten for long. */
const tidy = (rule: {
  noncurrentDays: number;
  expireDays?: number;
}): NonNullable<BucketArgs["transform"]> => ({
  lifecycle: (lifecycle) => {
    lifecycle.rules = [
      {
        id: "tidy",
        status: "Enabled",
        filter: { prefix: "" },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        noncurrentVersionExpiration: { noncurrentDays: rule.noncurrentDays },
        ...(rule.expireDays !== undefined && { expiration: { days: rule.expireDays } }),
      },
    ];
  },
});

/** How our buckets are made: versioned, no CORS, nothing half-uploaded or overwritten kept for long. */
export const ownedBucket = (...policy: Grant[]): BucketArgs => ({
  access: undefined,
  policy,
  versioning: true,
  cors: false,
  lifecycle: [{ id: "tidy" }],
  transform: tidy({ noncurrentDays: 30 }),
});

/** Encrypts a bucket and, given where to, logs who reads it. S3 encrypts anyhow; this keeps it from being changed. */
export const sealBucket = (name: string, bucket: sst.aws.Bucket, logs?: sst.aws.Bucket) => {
  new aws.s3.BucketServerSideEncryptionConfiguration(`${name}Encryption`, {
    bucket: bucket.name,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
  });
  if (!logs) return;
  new aws.s3.BucketLogging(`${name}AccessLogging`, {
    bucket: bucket.name,
    targetBucket: logs.name,
    targetPrefix: `s3/${name}/`,
  });
};

/** Where buckets and the edge write who asked for what; kept for 90 days. */
export const accessLogs = () => {
  const account = aws.getCallerIdentityOutput().accountId;
  const from = (service: string, source: $util.Input<string>, path: string): Grant => ({
    principals: [{ type: "service", identifiers: [service] }],
    actions: ["s3:PutObject"],
    paths: [path],
    conditions: [
      { test: "StringEquals", variable: "aws:SourceAccount", values: [account] },
      { test: "ArnLike", variable: "aws:SourceArn", values: [source] },
    ],
  });
  const logs = new sst.aws.Bucket("AccessLogs", {
    ...ownedBucket(
      from("logging.s3.amazonaws.com", `arn:aws:s3:::${$app.name}-${$app.stage}-*`.toLowerCase(), "s3/*"),
      from(
        "delivery.logs.amazonaws.com",
        $interpolate`arn:aws:logs:us-east-1:${account}:delivery-source:*`,
        "edge/*",
      ),
    ),
    transform: tidy({ noncurrentDays: 1, expireDays: 90 }),
  });
  sealBucket("AccessLogs", logs);
  return logs;
};

/** CloudFront's standard logging, second kind: JSON, and no bucket that takes ACLs. */
export const deliverEdgeLogs = (distributionArn: $util.Input<string>, logs: sst.aws.Bucket) => {
  const name = `${$app.name}-${$app.stage}-edge`;
  const source = new aws.cloudwatch.LogDeliverySource("EdgeLogSource", {
    name,
    logType: "ACCESS_LOGS",
    resourceArn: distributionArn,
  });
  const destination = new aws.cloudwatch.LogDeliveryDestination("EdgeLogDestination", {
    name,
    outputFormat: "json",
    deliveryDestinationConfiguration: { destinationResourceArn: $interpolate`${logs.arn}/edge` },
  });
  new aws.cloudwatch.LogDelivery("EdgeLogDelivery", {
    deliverySourceName: source.name,
    deliveryDestinationArn: destination.arn,
  });
};
