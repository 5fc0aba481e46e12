import { accessListOperations } from "./access-lists.ts";
import { bucketOperations } from "./buckets.ts";
import type { Handler } from "./contract.ts";
import { deleteObject, deleteObjects } from "./delete-object.ts";
import { getObject, headObject } from "./get-object.ts";
import { listOperations } from "./list-objects.ts";
import { putObject } from "./put-object.ts";
import { taggingOperations } from "./tagging.ts";

/** What is served of objects and of the buckets they are in. */
export const objectApi: Readonly<Record<string, Handler>> = {
  ...bucketOperations,
  ...listOperations,
  ...taggingOperations,
  ...accessListOperations,
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
};
