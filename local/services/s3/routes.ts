/** How a request line tells which operation is meant: every operation of the S3 API, whether it is served or not. */
export interface Route {
  readonly operation: string;
  readonly method: string;
  readonly on: "service" | "bucket" | "object";
  /** Parameters that must be present; `name=value` must have that value. */
  readonly query: readonly string[];
  /** A header that must be present. */
  readonly header?: string;
}

type On = Route["on"];

const route = (operation: string, method: string, on: On, query = "", header?: string): Route => ({
  operation,
  method,
  on,
  query: query ? query.split(" ") : [],
  ...(header ? { header } : {}),
});

// Sub-resources of a bucket that are read, written and deleted alike.
const settings = (name: string, query: string, methods = "GET PUT DELETE"): Route[] =>
  methods.split(" ").map((method) => {
    const verb = method === "GET" ? "Get" : method === "PUT" ? "Put" : "Delete";
    return route(`${verb}${name}`, method, "bucket", query);
  });

const inventories = (plural: string, single: string, query: string): Route[] => [
  route(`GetBucket${single}Configuration`, "GET", "bucket", `${query} id`),
  // without an `id` they are refused as well: they must never be taken for CreateBucket and DeleteBucket
  ...settings(`Bucket${single}Configuration`, query, "PUT DELETE"),
  route(`ListBucket${plural}Configurations`, "GET", "bucket", query),
];

const tables = (name: string, query: string): Route[] => [
  route(`CreateBucket${name}`, "POST", "bucket", query),
  ...settings(`Bucket${name}`, query, "GET DELETE"),
];

const BUCKET: readonly Route[] = [
  route("CreateBucket", "PUT", "bucket"),
  route("DeleteBucket", "DELETE", "bucket"),
  route("HeadBucket", "HEAD", "bucket"),
  route("ListObjects", "GET", "bucket"),
  route("ListObjectsV2", "GET", "bucket", "list-type=2"),
  route("ListObjectVersions", "GET", "bucket", "versions"),
  route("ListMultipartUploads", "GET", "bucket", "uploads"),
  route("GetBucketLocation", "GET", "bucket", "location"),
  route("GetBucketPolicyStatus", "GET", "bucket", "policyStatus"),
  route("DeleteObjects", "POST", "bucket", "delete"),
  route("PostObject", "POST", "bucket"),
  route("CreateSession", "GET", "bucket", "session"),
  ...settings("BucketAccelerateConfiguration", "accelerate", "GET PUT"),
  ...settings("BucketAcl", "acl", "GET PUT"),
  ...settings("BucketCors", "cors"),
  ...settings("BucketEncryption", "encryption"),
  ...settings("BucketLifecycleConfiguration", "lifecycle", "GET PUT"),
  route("DeleteBucketLifecycle", "DELETE", "bucket", "lifecycle"),
  ...settings("BucketLogging", "logging", "GET PUT"),
  ...settings("BucketNotificationConfiguration", "notification", "GET PUT"),
  ...settings("BucketOwnershipControls", "ownershipControls"),
  ...settings("BucketPolicy", "policy"),
  ...settings("BucketReplication", "replication"),
  ...settings("BucketRequestPayment", "requestPayment", "GET PUT"),
  ...settings("BucketTagging", "tagging"),
  ...settings("BucketVersioning", "versioning", "GET PUT"),
  ...settings("BucketWebsite", "website"),
  ...settings("ObjectLockConfiguration", "object-lock", "GET PUT"),
  ...settings("PublicAccessBlock", "publicAccessBlock"),
  ...inventories("Analytics", "Analytics", "analytics"),
  ...inventories("IntelligentTiering", "IntelligentTiering", "intelligent-tiering"),
  ...inventories("Inventory", "Inventory", "inventory"),
  ...inventories("Metrics", "Metrics", "metrics"),
  ...settings("BucketAbac", "abac", "GET PUT"),
  ...tables("MetadataConfiguration", "metadataConfiguration"),
  ...tables("MetadataTableConfiguration", "metadataTable"),
  route("UpdateBucketMetadataAnnotationTableConfiguration", "PUT", "bucket", "metadataAnnotationTable"),
  route("UpdateBucketMetadataInventoryTableConfiguration", "PUT", "bucket", "metadataInventoryTable"),
  route("UpdateBucketMetadataJournalTableConfiguration", "PUT", "bucket", "metadataJournalTable"),
];

const OBJECT: readonly Route[] = [
  route("GetObject", "GET", "object"),
  route("HeadObject", "HEAD", "object"),
  route("PutObject", "PUT", "object"),
  route("CopyObject", "PUT", "object", "", "x-amz-copy-source"),
  route("DeleteObject", "DELETE", "object"),
  route("RenameObject", "PUT", "object", "renameObject"),
  route("GetObjectAcl", "GET", "object", "acl"),
  route("PutObjectAcl", "PUT", "object", "acl"),
  route("GetObjectAttributes", "GET", "object", "attributes"),
  route("GetObjectLegalHold", "GET", "object", "legal-hold"),
  route("PutObjectLegalHold", "PUT", "object", "legal-hold"),
  route("GetObjectRetention", "GET", "object", "retention"),
  route("PutObjectRetention", "PUT", "object", "retention"),
  route("GetObjectTagging", "GET", "object", "tagging"),
  route("PutObjectTagging", "PUT", "object", "tagging"),
  route("DeleteObjectTagging", "DELETE", "object", "tagging"),
  route("GetObjectAnnotation", "GET", "object", "annotation"),
  route("ListObjectAnnotations", "GET", "object", "annotation x-id=ListObjectAnnotations"),
  route("PutObjectAnnotation", "PUT", "object", "annotation"),
  route("DeleteObjectAnnotation", "DELETE", "object", "annotation"),
  route("UpdateObjectEncryption", "PUT", "object", "encryption"),
  route("GetObjectTorrent", "GET", "object", "torrent"),
  route("RestoreObject", "POST", "object", "restore"),
  route("SelectObjectContent", "POST", "object", "select select-type=2"),
  route("CreateMultipartUpload", "POST", "object", "uploads"),
  route("UploadPart", "PUT", "object", "partNumber uploadId"),
  route("UploadPartCopy", "PUT", "object", "partNumber uploadId", "x-amz-copy-source"),
  route("ListParts", "GET", "object", "uploadId"),
  route("CompleteMultipartUpload", "POST", "object", "uploadId"),
  route("AbortMultipartUpload", "DELETE", "object", "uploadId"),
];

const SERVICE: readonly Route[] = [route("ListBuckets", "GET", "service")];

// What asks for most comes first: `?uploadId&partNumber` before `?uploadId`, before no parameter at all.
const weight = ({ query, header }: Route) => query.length * 2 + (header ? 1 : 0);
const group = (all: readonly Route[]) => {
  const groups = Object.groupBy(all, (one) => `${one.method} ${one.on}`);
  for (const routes of Object.values(groups)) routes?.sort((a, b) => weight(b) - weight(a));
  return groups;
};

const ROUTES = group([...SERVICE, ...BUCKET, ...OBJECT]);

/** Every operation by name. */
export const OPERATIONS: ReadonlySet<string> = new Set(
  [...SERVICE, ...BUCKET, ...OBJECT].map((r) => r.operation),
);

const holds = (wanted: string, query: URLSearchParams) => {
  const at = wanted.indexOf("=");
  return at < 0 ? query.has(wanted) : query.get(wanted.slice(0, at)) === wanted.slice(at + 1);
};

/** The operation a call means, e.g. for permissions (`s3:<operation>`); undefined when S3 has none such. */
export const findOperation = (
  call: { method: string; bucket: string; key: string },
  query: URLSearchParams,
  headers: Readonly<Record<string, string>>,
): string | undefined => {
  const on: On = call.key ? "object" : call.bucket ? "bucket" : "service";
  const fits = (r: Route) =>
    r.query.every((wanted) => holds(wanted, query)) && (!r.header || headers[r.header] !== undefined);
  return ROUTES[`${call.method} ${on}`]?.find(fits)?.operation;
};
