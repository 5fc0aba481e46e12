import { S3Client } from "@aws-sdk/client-s3";
import type { Resource } from "../../local/graph/graph.ts";
import { s3 } from "../../local/services/s3/s3.ts";
import { clientConfig, graphOf, type Running, resource, type Setup, startCloud } from "./gateway-fixture.ts";

/** A bucket of a graph. */
export const bucketResource = (name: string): Resource =>
  resource("aws:s3/bucket:Bucket", name, { bucket: name }, { id: name, arn: `arn:aws:s3:::${name}` });

/** A resource that says something of a bucket. */
export const about = (kind: string, bucket: string, inputs: Record<string, unknown>): Resource =>
  resource(`aws:s3/${kind}:${kind[0]?.toUpperCase()}${kind.slice(1)}`, `${bucket}-${kind}`, {
    bucket,
    ...inputs,
  });

/** A cloud with S3 and whatever else. */
export const startS3 = (resources: Resource[] = [], setup: Setup = {}): Promise<Running> =>
  startCloud({ graph: graphOf(resources), ...setup, services: [s3, ...(setup.services ?? [])] });

/** The SDK's client, as it is by default but for path style. */
export const clientFor = (running: Running, config: object = {}): S3Client =>
  new S3Client({ ...clientConfig(running), forcePathStyle: true, ...config });
