import type { AwsCall } from "../gateway/gateway.ts";

/** Sub-resources that make an operation of their own, by the query that names them. */
const SUB: readonly (readonly [string, string])[] = [
  ["tagging", "Tagging"],
  ["versioning", "BucketVersioning"],
  ["cors", "BucketCors"],
  ["lifecycle", "BucketLifecycleConfiguration"],
  ["notification", "BucketNotificationConfiguration"],
  ["policy", "BucketPolicy"],
  ["publicAccessBlock", "PublicAccessBlock"],
  ["acl", "Acl"],
];
const VERBS: Readonly<Record<string, string>> = { GET: "Get", PUT: "Put", DELETE: "Delete" };

const ofObject = (method: string, query: URLSearchParams, copies: boolean): string => {
  if (method === "POST") return query.has("uploads") ? "CreateMultipartUpload" : "CompleteMultipartUpload";
  if (query.has("uploadId"))
    return (
      { GET: "ListParts", PUT: copies ? "UploadPartCopy" : "UploadPart" }[method] ?? "AbortMultipartUpload"
    );
  if (method === "HEAD") return "HeadObject";
  if (query.has("attributes")) return "GetObjectAttributes";
  return method === "PUT" && copies ? "CopyObject" : `${VERBS[method] ?? method}Object`;
};

const ofBucket = (method: string, query: URLSearchParams): string => {
  if (method === "POST") return query.has("delete") ? "DeleteObjects" : "PostObject";
  if (method === "HEAD") return "HeadBucket";
  if (method === "PUT") return "CreateBucket";
  if (method === "DELETE") return "DeleteBucket";
  if (query.has("uploads")) return "ListMultipartUploads";
  if (query.has("versions")) return "ListObjectVersions";
  return query.get("list-type") === "2" ? "ListObjectsV2" : "ListObjects";
};

const decode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Names an S3 call: operation, bucket and key, by path or by host (`bucket.s3.…`). */
export const s3Operation = ({ request, operation }: AwsCall) => {
  const { method, query, headers } = request;
  const hosted = /^([^.]+(?:\.[^.]+)*)\.s3[.-]/.exec(headers.host ?? "")?.[1];
  const parts = request.path.slice(1).split("/");
  const bucket = hosted ?? decode(parts.shift() ?? "");
  const key = decode(parts.join("/"));
  const sub = SUB.find(([name]) => query.has(name));
  const name =
    bucket === ""
      ? "ListBuckets"
      : sub
        ? `${VERBS[method] ?? method}${key && sub[1] === "Tagging" ? "Object" : ""}${sub[1]}`
        : key === ""
          ? ofBucket(method, query)
          : ofObject(method, query, "x-amz-copy-source" in headers);
  return {
    operation: [name, operation],
    target: bucket === "" ? [] : [bucket, `arn:aws:s3:::${bucket}`],
    key: key === "" ? [] : [key],
  };
};
