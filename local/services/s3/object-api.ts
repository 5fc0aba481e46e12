import { accessListOperations } from "./access-lists.ts";
import { attributeOperations } from "./attributes.ts";
import { bucketOperations } from "./buckets.ts";
import { completeUpload } from "./complete-upload.ts";
import type { Handler } from "./contract.ts";
import { copyObject } from "./copy-object.ts";
import { deleteObject, deleteObjects } from "./delete-object.ts";
import { getObject, headObject } from "./get-object.ts";
import { listOperations } from "./list-objects.ts";
import { listUploadOperations } from "./list-uploads.ts";
import { listVersionOperations } from "./list-versions.ts";
import { uploadPartCopy } from "./part-copy.ts";
import { putObject } from "./put-object.ts";
import { taggingOperations } from "./tagging.ts";
import { uploadOperations } from "./uploads.ts";

/** What is served of objects and of the buckets they are in. */
export const objectApi: Readonly<Record<string, Handler>> = {
  ...bucketOperations,
  ...listOperations,
  ...listUploadOperations,
  ...listVersionOperations,
  ...attributeOperations,
  ...uploadOperations,
  ...taggingOperations,
  ...accessListOperations,
  PutObject: putObject,
  CopyObject: copyObject,
  CompleteMultipartUpload: completeUpload,
  GetObject: getObject,
  HeadObject: headObject,
  UploadPartCopy: uploadPartCopy,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
};
