import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { keepAs } from "../../kit/view-document.ts";
import { createCounts } from "./bucket-counts.ts";
import { blockOf, isPublicPolicy } from "./config/access.ts";
import { policy } from "./config/policy.ts";
import { kept } from "./config/setting.ts";
import type { ExtensionFactory, S3Context } from "./contract.ts";
import { eventOf } from "./events.ts";
import { keysOf, listPage, startAfter } from "./listing.ts";
import type { Bucket, KeyEntry, Version } from "./types.ts";

/** Entries of one page at the console. */
const PAGE = 200;
/** Seconds a link lives. */
const LINK_S = 900;

const bucketNamed = ({ store }: S3Context, name: string | null | undefined): Bucket => {
  const bucket = store.bucket(name ?? "");
  if (!bucket) throw new Error(`There is no bucket ${name ?? "without a name"}.`);
  return bucket;
};

const shown = (version: Version) =>
  version.marker
    ? { key: version.key, versionId: version.versionId, modified: version.modified, marker: true }
    : {
        key: version.key,
        versionId: version.versionId,
        modified: version.modified,
        size: version.size,
        etag: version.etag,
        type: version.system["content-type"],
      };

const buckets = ({ store }: S3Context, counts: ReturnType<typeof createCounts>) =>
  store.buckets().map((bucket) => {
    const text = kept(bucket, policy);
    return {
      name: bucket.name,
      arn: bucket.arn,
      created: bucket.settings.created,
      versioning: bucket.settings.versioning ?? "Off",
      ...counts.of(bucket.name),
      uploads: store.uploads(bucket.name).size,
      isPublic: Boolean(text && isPublicPolicy(text) && !blockOf(bucket).restrictPublicBuckets),
    };
  });

/** A page of keys and folders; `after` is what the last page ended with. */
const objects = (context: S3Context, query: URLSearchParams) => {
  const bucket = bucketNamed(context, query.get("bucket"));
  const [prefix, after, all] = [query.get("prefix") ?? "", query.get("after") ?? "", query.has("versions")];
  const asked = { prefix, delimiter: "/", limit: PAGE };
  const items = ({ versions }: KeyEntry): KeyEntry[] =>
    all || (versions[0] && !versions[0].marker) ? [{ key: versions[0]?.key ?? "", versions }] : [];
  const { lines, truncated } = listPage(
    keysOf(context.store, bucket.name),
    asked,
    items,
    startAfter(after, asked),
  );
  const last = lines.at(-1);
  return {
    prefix,
    folders: lines.flatMap((line) => ("item" in line ? [] : [line.commonPrefix])),
    objects: lines.flatMap((line) =>
      "item" in line ? line.item.versions.slice(0, all ? undefined : 1).map(shown) : [],
    ),
    ...(truncated && last && { after: "item" in last ? last.item.key : last.commonPrefix }),
  };
};

/** RFC 3986, as signatures encode. */
const encode = (segment: string) =>
  encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const linkTo = async (
  { cloud }: S3Context,
  bucket: string,
  key: string,
  query: Readonly<Record<string, string>>,
) => {
  const { host, hostname, port } = new URL(cloud.endpoint);
  const { accessKeyId, secretAccessKey } = cloud.credentials.developer;
  const signer = new SignatureV4({
    service: "s3",
    region: cloud.graph.region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const path = `/${bucket}/${key.split("/").map(encode).join("/")}`;
  const signed = await signer.presign(
    {
      method: "GET",
      protocol: "http:",
      hostname,
      port: Number(port),
      path,
      query,
      headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    },
    {
      expiresIn: LINK_S,
      signingDate: new Date(cloud.clock.now()),
      unsignableHeaders: new Set(["x-amz-content-sha256"]),
    },
  );
  return `${cloud.endpoint}${path}?${new URLSearchParams(signed.query as Record<string, string>)}`.replaceAll(
    "+",
    "%20",
  );
};

const object = async (context: S3Context, query: URLSearchParams) => {
  const bucket = bucketNamed(context, query.get("bucket"));
  const [key, versionId] = [query.get("key") ?? "", query.get("versionId")];
  const versions = context.store.versions(bucket.name, key);
  const version = versionId === null ? versions[0] : versions.find((one) => one.versionId === versionId);
  const of: Record<string, string> = versionId === null ? {} : { versionId };
  if (!version) throw new Error(`There is no ${key} in ${bucket.name}.`);
  return {
    ...shown(version),
    ...(!version.marker && {
      metadata: version.user,
      headers: version.system,
      tags: version.tags,
      checksum: version.checksum,
      storageClass: version.storageClass ?? "STANDARD",
      link: await linkTo(context, bucket.name, key, of),
      download: await linkTo(context, bucket.name, key, {
        ...of,
        "response-content-disposition": keepAs(key.split("/").at(-1) ?? key),
      }),
    }),
    versions: versions.map(shown),
  };
};

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

const remove = (context: S3Context, bucket: Bucket, key: string, versionId: string | undefined) => {
  const removed = context.store.remove(bucket.name, key, versionId === undefined ? {} : { versionId });
  const { marker, version, sequence } = removed;
  const made = marker !== undefined && versionId === undefined;
  if (!made && !version) return;
  const request = {
    bucket: bucket.name,
    caller: context.cloud.credentials.developer,
    sourceIp: "127.0.0.1",
    requestId: crypto.randomUUID(),
  };
  const id = (made ? marker : version)?.versionId;
  context.emit(
    eventOf(
      made ? "ObjectRemoved:DeleteMarkerCreated" : "ObjectRemoved:Delete",
      request,
      { key, sequence, ...(id !== undefined && { versionId: id }) },
      { settings: bucket.settings, at: context.cloud.clock.now() },
    ),
  );
};

/** Buckets and objects at the console. */
export const explorer: ExtensionFactory = (context) => {
  const counts = createCounts(context.store);
  return {
    onObjectEvent: ({ bucket }) => counts.changed(bucket),
    views: {
      buckets: () => buckets(context, counts),
      objects: (query) => objects(context, query),
      object: (query) => object(context, query),
    },
    actions: {
      delete(input) {
        const bucket = bucketNamed(context, text(input.bucket));
        remove(context, bucket, text(input.key) ?? "", text(input.versionId));
      },
      empty(input) {
        const bucket = bucketNamed(context, text(input.bucket));
        let deleted = 0;
        for (const { key, versions } of context.store.keys(bucket.name)) {
          for (const { versionId } of versions) remove(context, bucket, key, versionId);
          deleted += versions.length;
        }
        for (const id of [...context.store.uploads(bucket.name).keys()])
          context.store.abortUpload(bucket.name, id);
        return { deleted };
      },
    },
  };
};
