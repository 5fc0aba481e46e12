import { Readable } from "node:stream";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { EdgeResponse, Header } from "../../front/exchange.ts";
import { text } from "../../front/read.ts";
import { byType } from "../../graph/graph.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { httpOrigin } from "./http-origin.ts";
import type { OriginCall } from "./origins.ts";

/** The bucket of the graph that an origin's domain names. */
export const bucketOfDomain = (cloud: Cloud, domain: string): string | undefined => {
  const buckets = [
    ...byType(cloud.graph, "aws:s3/bucket:Bucket"),
    ...byType(cloud.graph, "aws:s3/bucketV2:BucketV2"),
  ];
  const found = buckets.find(
    ({ outputs }) => outputs.bucketRegionalDomainName === domain || outputs.bucketDomainName === domain,
  );
  return found ? (text(found.outputs.bucket) ?? found.id) : undefined;
};

/** A segment of a path as signatures encode it, however the viewer did. */
const encodeStrictly = (segment: string): string => {
  let plain = segment;
  try {
    plain = decodeURIComponent(segment);
  } catch {
    // S3 refuses it by itself
  }
  return encodeURIComponent(plain).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
};

const sign = async (cloud: Cloud, method: string, url: URL): Promise<Header[]> => {
  const { accessKeyId, secretAccessKey } = cloud.credentials.developer;
  const signer = new SignatureV4({
    service: "s3",
    region: cloud.graph.region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    uriEscapePath: false,
  });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname.split("/").map(encodeStrictly).join("/"),
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
  });
  return Object.entries(signed.headers);
};

const ACTIONS: Readonly<Record<string, string>> = { PUT: "s3:PutObject", DELETE: "s3:DeleteObject" };

/** What origin access control needs of the bucket's policy: `cloudfront.amazonaws.com`, by the distribution's ARN. */
const refusal = (cloud: Cloud, bucket: string, { from, request, uri }: OriginCall): string | undefined =>
  cloud.permissions?.refusesService({
    action: ACTIONS[request.method] ?? "s3:GetObject",
    resource: `arn:aws:s3:::${bucket}/${decoded(uri.slice(1))}`,
    sourceArn: from,
  });

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

const mayList = ({ permissions }: Cloud, bucket: string, { from }: OriginCall): boolean =>
  permissions !== undefined &&
  permissions.refusesService({
    action: "s3:ListBucket",
    resource: `arn:aws:s3:::${bucket}`,
    sourceArn: from,
    onlyAsks: true,
  }) === undefined;

const denied = (): EdgeResponse => ({
  status: 403,
  headers: [["Content-Type", "application/xml"]],
  body: '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
});

/**
 * Reads from a bucket of the local S3 as CloudFront would: with origin access control by a signed request that the
 * bucket's policy must allow, without it as anybody.
 */
export const fromBucket = async (cloud: Cloud, bucket: string, call: OriginCall): Promise<EdgeResponse> => {
  const url = new URL(`${cloud.endpoint}/${bucket}${call.uri}${call.query === "" ? "" : `?${call.query}`}`);
  const { method, body } = call.request;
  // S3 takes no header for its own that was not signed: a viewer's are not passed on
  const kept = call.headers.filter(([name]) => !/^(host|authorization|x-amz-.*)$/i.test(name));
  if (!call.origin.signed) return httpOrigin(url, method, [...kept, ["Host", url.host]], body);
  if (refusal(cloud, bucket, call) !== undefined) return denied();
  const answer = await httpOrigin(url, method, [...kept, ...(await sign(cloud, method, url))], body);
  if (answer.status !== 404 || mayList(cloud, bucket, call)) return answer;
  // who may read objects and not list them is not told which are missing
  if (answer.body instanceof Readable) answer.body.resume();
  return denied();
};
