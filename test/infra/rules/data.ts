import { byType, type Graph, type Resource } from "../../../local/graph/graph.ts";
import { deniesPlainHttp, statements } from "../kit/policy.ts";
import { arn, at, input, list, number, referring, text } from "../kit/read.ts";
import { each, rule } from "../kit/rule.ts";

const buckets = (graph: Graph) => byType(graph, "aws:s3/bucket:Bucket");

const of = (graph: Graph, type: string, bucket: Resource) =>
  referring(graph, `aws:s3/${type}`, "bucket", bucket);

/** Whether a bucket is where logs go: AWS asks not to log such a bucket (Security Hub S3.9), least of all to itself. */
const receivesLogs = (graph: Graph, bucket: Resource) =>
  referring(graph, "aws:s3/bucketLogging:BucketLogging", "targetBucket", bucket).length > 0 ||
  byType(graph, "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination").some((destination) =>
    text(input(destination, "deliveryDestinationConfiguration", "destinationResourceArn")).startsWith(
      arn(bucket),
    ),
  );

const isBlocked = (block: Resource) =>
  ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].every(
    (key) => block.inputs[key] === true,
  );

const bucketObjections = (graph: Graph, bucket: Resource) => {
  const policies = of(graph, "bucketPolicy:BucketPolicy", bucket).map((p) => statements(p.inputs.policy));
  const versioning = of(graph, "bucketVersioning:BucketVersioning", bucket);
  const encryption = of(
    graph,
    "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    bucket,
  );
  const logged = of(graph, "bucketLogging:BucketLogging", bucket).length > 0;
  return [
    !of(graph, "bucketPublicAccessBlock:BucketPublicAccessBlock", bucket).some(isBlocked) &&
      "public access is not blocked",
    !policies.some(deniesPlainHttp) && "plain HTTP is not refused",
    !versioning.some((v) => input(v, "versioningConfiguration", "status") === "Enabled") &&
      "is not versioned",
    !encryption.some((e) => list(e.inputs.rules).length > 0) && "is not said to be encrypted",
    !logged && !receivesLogs(graph, bucket) && "its accesses are not logged",
  ];
};

const abortsUploads = (lifecycle: Resource) =>
  list(lifecycle.inputs.rules).some(
    (r) =>
      at(r, "status") === "Enabled" &&
      number(at(r, "abortIncompleteMultipartUpload", "daysAfterInitiation")) > 0,
  );

const anyOrigin = (cors: Resource) =>
  list(cors.inputs.corsRules).some((r) => list(at(r, "allowedOrigins")).some((o) => text(o).includes("*")));

export const dataRules = [
  rule(39, "Tables can be restored, are protected in production, and expire items", (graph) =>
    each(byType(graph, "aws:dynamodb/table:Table"), (table) => [
      input(table, "pointInTimeRecovery", "enabled") !== true && "has no point-in-time recovery",
      graph.stage === "production" && table.inputs.deletionProtectionEnabled !== true && "may be deleted",
      input(table, "ttl", "enabled") !== true && "expires nothing",
    ]),
  ),
  rule(40, "Buckets are private, TLS only, versioned, encrypted and logged", (graph) =>
    each(buckets(graph), (bucket) => bucketObjections(graph, bucket)),
  ),
  rule(41, "Buckets drop incomplete uploads and list their CORS origins", (graph) =>
    each(buckets(graph), (bucket) => [
      !of(graph, "bucketLifecycleConfiguration:BucketLifecycleConfiguration", bucket).some(abortsUploads) &&
        "keeps incomplete uploads for ever",
      of(graph, "bucketCorsConfiguration:BucketCorsConfiguration", bucket).some(anyOrigin) &&
        "every origin may read it",
    ]),
  ),
  rule(45, "Valkey is encrypted, authenticated, in several zones and backed up", (graph) =>
    each(byType(graph, "aws:elasticache/replicationGroup:ReplicationGroup"), (group) => [
      group.inputs.atRestEncryptionEnabled !== true && "is not encrypted at rest",
      group.inputs.transitEncryptionEnabled !== true && "is not encrypted in transit",
      !group.inputs.authToken && list(group.inputs.userGroupIds).length === 0 && "asks nobody who they are",
      group.inputs.multiAzEnabled !== true && "stands in one zone",
      !(number(group.inputs.snapshotRetentionLimit) > 0) && "is not backed up",
    ]),
  ),
];
