import { but, type Example, made, plus, policy, tlsOnly, without } from "../kit/example.ts";

const table = made("aws:dynamodb/table:Table", "Table", {
  pointInTimeRecovery: { enabled: true },
  deletionProtectionEnabled: true,
  ttl: { enabled: true, attributeName: "ttl" },
});

const blocked = {
  blockPublicAcls: true,
  blockPublicPolicy: true,
  ignorePublicAcls: true,
  restrictPublicBuckets: true,
};

/** Everything a bucket must have beside it. */
const around = (bucket: string) => [
  made("aws:s3/bucket:Bucket", bucket),
  made("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", `${bucket}Block`, { bucket, ...blocked }),
  made("aws:s3/bucketPolicy:BucketPolicy", `${bucket}Access`, { bucket, policy: policy(tlsOnly("s3:*")) }),
  made("aws:s3/bucketVersioning:BucketVersioning", `${bucket}Versions`, {
    bucket,
    versioningConfiguration: { status: "Enabled" },
  }),
  made(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    `${bucket}Encryption`,
    { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
  ),
];

// The bucket that receives logs is not logged itself.
const logging = made("aws:s3/bucketLogging:BucketLogging", "Logging", {
  bucket: "Files",
  targetBucket: "Logs",
});
const edgeLogs = made("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination", "EdgeLogs", {
  deliveryDestinationConfiguration: { destinationResourceArn: "arn:aws:s3:us-east-1:000000000000:Edge/logs" },
});
const buckets = [...around("Files"), ...around("Logs"), logging];

const lifecycle = made("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "Lifecycle", {
  bucket: "Files",
  rules: [{ status: "Enabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }],
});
const cors = made("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration", "Cors", {
  bucket: "Files",
  corsRules: [{ allowedOrigins: ["https://example.com"] }],
});

const cache = made("aws:elasticache/replicationGroup:ReplicationGroup", "Cache", {
  atRestEncryptionEnabled: true,
  transitEncryptionEnabled: true,
  authToken: "a token",
  multiAzEnabled: true,
  snapshotRetentionLimit: 7,
});

/** Tables, buckets and caches. */
export const dataExamples: readonly Example[] = [
  {
    rule: 39,
    stage: "production",
    kept: [table],
    broken: {
      "no recovery": but("Table", { pointInTimeRecovery: { enabled: false } }),
      unprotected: but("Table", { deletionProtectionEnabled: false }),
      "nothing expires": but("Table", { ttl: undefined }),
    },
  },
  {
    rule: 40,
    kept: [...buckets, ...around("Edge"), edgeLogs],
    broken: {
      "no block": without("FilesBlock"),
      "half a block": but("FilesBlock", { restrictPublicBuckets: false }),
      "plain HTTP": but("FilesAccess", { policy: policy() }),
      "no versions": without("FilesVersions"),
      "versions suspended": but("FilesVersions", { versioningConfiguration: { status: "Suspended" } }),
      "no encryption": without("FilesEncryption"),
      "no log": without("Logging"),
      "no log of what receives none": without("EdgeLogs"),
    },
  },
  {
    rule: 41,
    kept: [made("aws:s3/bucket:Bucket", "Files"), lifecycle, cors],
    broken: {
      "no lifecycle": without("Lifecycle"),
      "expires files only": but("Lifecycle", { rules: [{ status: "Enabled", expiration: { days: 1 } }] }),
      "switched off": but("Lifecycle", {
        rules: [{ status: "Disabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }],
      }),
      "any origin": but("Cors", { corsRules: [{ allowedOrigins: ["*"] }] }),
      "any origin of a kind": plus({
        ...cors,
        name: "More",
        inputs: { bucket: "Files", corsRules: [{ allowedOrigins: ["https://*.example.com"] }] },
      }),
    },
  },
  {
    rule: 45,
    kept: [cache],
    broken: {
      "in the clear at rest": but("Cache", { atRestEncryptionEnabled: false }),
      "in the clear in transit": but("Cache", { transitEncryptionEnabled: false }),
      "open to all": but("Cache", { authToken: undefined }),
      "one zone": but("Cache", { multiAzEnabled: false }),
      "no backup": but("Cache", { snapshotRetentionLimit: 0 }),
    },
  },
];
