import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

let shared: DynamoDBDocumentClient | undefined;

/**
 * The one client of this process: connections are reused over invocations. Fails fast: 3 attempts, 2 s to connect (a cold
 * function on a third of a CPU is slow to notice), 3 s to answer.
 */
export const documents = (): DynamoDBDocumentClient => {
  shared ??= DynamoDBDocumentClient.from(
    new DynamoDBClient({
      maxAttempts: 3,
      // without the last, the SDK only warns of a request that is late, and waits on
      requestHandler: { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
    }),
    { marshallOptions: { removeUndefinedValues: true, convertEmptyValues: false } },
  );
  return shared;
};

/** Whether a write was refused because its condition did not hold. */
export const isConditionFailed = (error: unknown): error is ConditionalCheckFailedException =>
  error instanceof ConditionalCheckFailedException;
