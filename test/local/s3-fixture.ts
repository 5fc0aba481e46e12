import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { s3 } from "../../local/services/s3/s3.ts";
import { clientConfig, graphOf, REGION, type Running, type Setup, startCloud } from "./gateway-fixture.ts";

/** A cloud that serves S3 with one bucket, and a client of it. */
export interface S3Running extends Running {
  readonly client: S3Client;
}

export const BUCKET = "things";

export const s3Client = (running: Running, config: S3ClientConfig = {}) =>
  new S3Client({ ...clientConfig(running), forcePathStyle: true, ...config });

/** Makes a bucket where the client's region asks for it. */
export const createBucket = (client: S3Client, name: string) =>
  client.send(
    new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { LocationConstraint: REGION } }),
  );

export const startS3 = async (setup: Setup = {}): Promise<S3Running> => {
  const running = await startCloud({ graph: graphOf([]), ...setup, services: [s3] });
  const client = s3Client(running);
  return {
    ...running,
    client,
    async stop() {
      client.destroy();
      await running.stop();
    },
  };
};

/** The code and status an SDK call is refused with. */
export const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${name}`;
  }
  return "none";
};

/** A folder of its own for a test; `remove` takes it away. */
export const folder = () => {
  const path = mkdtempSync(join(tmpdir(), "s3-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};
