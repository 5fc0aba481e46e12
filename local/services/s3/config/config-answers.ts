import type { ExtensionFactory, Handler } from "../contract.ts";
import { S3Fault } from "../fault.ts";
import { applyGraph } from "./graph-settings.ts";
import { bucketOf, settingOperations } from "./setting.ts";
import { acceleration, encryption, logging, ownership, requestPayment, website } from "./simple.ts";

/** What is asked of a setting that no bucket has here. */
const none =
  (code: string, message: string): Handler =>
  (request, context) => {
    const { name } = bucketOf(request, context);
    throw new S3Fault(code, { status: 404, message, detail: { BucketName: name } });
  };

/** Settings that are kept and told; and what the graph says of buckets. */
export const configAnswers: ExtensionFactory = (context) => ({
  operations: {
    ...settingOperations(encryption),
    ...settingOperations(ownership),
    ...settingOperations(logging),
    ...settingOperations(acceleration),
    ...settingOperations(requestPayment),
    ...settingOperations(website),
    GetBucketReplication: none(
      "ReplicationConfigurationNotFoundError",
      "The replication configuration was not found",
    ),
    GetObjectLockConfiguration: none(
      "ObjectLockConfigurationNotFoundError",
      "Object Lock configuration does not exist for this bucket",
    ),
  },
  async start() {
    applyGraph(context);
  },
});
