import type { ObjectEvent } from "../contract.ts";

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and ev-events.html

/** As `java.net.URLEncoder` writes a key, slashes kept: what handlers undo with `decodeURIComponent(key.replace(/\+/g, " "))`. */
export const encodeKey = (key: string): string =>
  encodeURIComponent(key.toWellFormed())
    .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+")
    .replaceAll("%2F", "/");

/** Where the cloud is, and who owns its buckets. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

const LIFECYCLE = "Lifecycle";
const MARKER_ETAG = "d41d8cd98f00b204e9800998ecf8427e";

const versionOf = (name: string) => (/^Object(Created|Removed)/.test(name) ? "2.1" : "2.3");

const principal = ({ requester }: ObjectEvent) =>
  requester === LIFECYCLE ? "s3.amazonaws.com" : `AWS:${requester}`;

const addressOf = ({ requester, sourceIp }: ObjectEvent) =>
  requester === LIFECYCLE ? "s3.amazonaws.com" : sourceIp;

const etagOf = ({ name, etag }: ObjectEvent) =>
  etag ?? (name.endsWith("MarkerCreated") ? MARKER_ETAG : undefined);

/** As the call's own answer tells it. */
const shortId = (requestId: string) => requestId.replaceAll("-", "").slice(0, 16).toUpperCase();
const hostId = (requestId: string) => Buffer.from(requestId.repeat(2)).toString("base64");

const ownerOf = (accountId: string) =>
  `A${Buffer.from(accountId).toString("hex").toUpperCase().slice(0, 13).padEnd(13, "0")}`;

/** The event as queues, topics and functions get it: one record. */
export const notification = (
  event: ObjectEvent,
  { region, accountId }: Place,
  configurationId: string,
): object => {
  const { name, key, size, versionId, sequencer, requestId } = event;
  const removal = /^(ObjectRemoved|LifecycleExpiration)/.test(name);
  const etag = etagOf(event);
  return {
    Records: [
      {
        eventVersion: versionOf(name),
        eventSource: "aws:s3",
        awsRegion: region,
        eventTime: new Date(event.at).toISOString(),
        eventName: name,
        userIdentity: { principalId: principal(event) },
        requestParameters: { sourceIPAddress: addressOf(event) },
        responseElements: { "x-amz-request-id": shortId(requestId), "x-amz-id-2": hostId(requestId) },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId,
          bucket: {
            name: event.bucket,
            ownerIdentity: { principalId: ownerOf(accountId) },
            arn: `arn:aws:s3:::${event.bucket}`,
          },
          object: {
            key: encodeKey(key),
            ...(!removal && size !== undefined && { size }),
            ...(etag !== undefined && (!removal || name.endsWith("MarkerCreated")) && { eTag: etag }),
            ...(versionId !== undefined && { versionId }),
            sequencer,
          },
        },
      },
    ],
  };
};

const BRIDGED: Readonly<Record<ObjectEvent["name"], readonly [type: string, more: object]>> = {
  "ObjectCreated:Put": ["Object Created", { reason: "PutObject" }],
  "ObjectCreated:Post": ["Object Created", { reason: "POST Object" }],
  "ObjectCreated:Copy": ["Object Created", { reason: "CopyObject" }],
  "ObjectCreated:CompleteMultipartUpload": ["Object Created", { reason: "CompleteMultipartUpload" }],
  "ObjectRemoved:Delete": [
    "Object Deleted",
    { reason: "DeleteObject", "deletion-type": "Permanently Deleted" },
  ],
  "ObjectRemoved:DeleteMarkerCreated": [
    "Object Deleted",
    { reason: "DeleteObject", "deletion-type": "Delete Marker Created" },
  ],
  "LifecycleExpiration:Delete": [
    "Object Deleted",
    { reason: "Lifecycle Expiration", "deletion-type": "Permanently Deleted" },
  ],
  "LifecycleExpiration:DeleteMarkerCreated": [
    "Object Deleted",
    { reason: "Lifecycle Expiration", "deletion-type": "Delete Marker Created" },
  ],
  "ObjectTagging:Put": ["Object Tags Added", {}],
  "ObjectTagging:Delete": ["Object Tags Deleted", {}],
  "ObjectAcl:Put": ["Object ACL Updated", {}],
};

/** The event as EventBridge gets it: the key stands as it is. */
export const bridged = (event: ObjectEvent, { region, accountId }: Place): object => {
  const { name, key, size, versionId, sequencer, requestId, requester } = event;
  const [type, more] = BRIDGED[name];
  const removed = type === "Object Deleted";
  const etag = etagOf(event);
  const ordered = removed || type === "Object Created";
  return {
    source: "aws.s3",
    "detail-type": type,
    account: accountId,
    region,
    time: new Date(event.at).toISOString().replace(/\.\d+Z$/, "Z"),
    resources: [`arn:aws:s3:::${event.bucket}`],
    detail: {
      version: "0",
      bucket: { name: event.bucket },
      object: {
        key,
        ...(!removed && size !== undefined && ordered && { size }),
        ...(etag !== undefined && (!removed || name.endsWith("MarkerCreated")) && { etag }),
        ...(versionId !== undefined && { "version-id": versionId }),
        ...(ordered && { sequencer }),
      },
      "request-id": shortId(requestId),
      requester: requester === LIFECYCLE ? "s3.amazonaws.com" : accountId,
      ...(requester !== LIFECYCLE && { "source-ip-address": event.sourceIp }),
      ...more,
    },
  };
};

/** What S3 sends a queue or a topic it is about to notify. */
export const testEvent = (bucket: string, now: number, requestId: string): object => ({
  Service: "Amazon S3",
  Event: "s3:TestEvent",
  Time: new Date(now).toISOString(),
  Bucket: bucket,
  RequestId: shortId(requestId),
  HostId: hostId(requestId),
});
