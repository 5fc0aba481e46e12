import { byType, type Resource } from "../../graph/graph.ts";
import type { Cloud } from "../../kit/cloud.ts";
import type { Store } from "./types.ts";

const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];
const VERSIONING = [
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:s3/bucketVersioningV2:BucketVersioningV2",
];

const text = (value: unknown) => (typeof value === "string" ? value : undefined);
const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** Physical name of a bucket resource. */
export const bucketName = (resource: Resource): string =>
  text(resource.outputs.bucket) ?? text(resource.inputs.bucket) ?? resource.id;

const tagsOf = (inputs: Resource["inputs"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record(inputs.tagsAll ?? inputs.tags)).map(([name, value]) => [name, String(value)]),
  );

const statusOf = (value: unknown): "Enabled" | "Suspended" | undefined =>
  value === "Enabled" || value === "Suspended" ? value : undefined;

// An argument of the bucket itself in older providers, a resource of its own in newer ones.
const ownVersioning = ({ inputs }: Resource) => {
  const own = record(Array.isArray(inputs.versioning) ? inputs.versioning[0] : inputs.versioning);
  return own.enabled === true ? ("Enabled" as const) : undefined;
};

/** Makes the buckets that a deployment would make, with versioning and tags as it would set them. */
export const graphBuckets = ({ graph, clock }: Pick<Cloud, "graph" | "clock">, store: Store): void => {
  const versioning = new Map(
    VERSIONING.flatMap((type) => byType(graph, type)).map(({ inputs }) => [
      text(inputs.bucket) ?? "",
      statusOf(record(inputs.versioningConfiguration).status),
    ]),
  );
  for (const resource of BUCKETS.flatMap((type) => byType(graph, type))) {
    const name = bucketName(resource);
    const status = versioning.get(name) ?? ownVersioning(resource);
    const tags = tagsOf(resource.inputs);
    if (!store.bucket(name)) {
      store.createBucket(name, { created: clock.now(), region: graph.region, config: {} });
    }
    const before = store.bucket(name)?.settings;
    if (before?.versioning === status && JSON.stringify(before?.tags ?? {}) === JSON.stringify(tags))
      continue;
    store.configure(name, ({ tags: _, ...settings }) => ({
      ...settings,
      ...(status ? { versioning: status } : {}),
      ...(Object.keys(tags).length > 0 ? { tags } : {}),
    }));
  }
};
