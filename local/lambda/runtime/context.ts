import type { InvokeMessage } from "../protocol.ts";
import { realNow } from "./time.ts";

/** Answers an invocation; only the first answer counts. */
export interface Answer {
  succeed(result: unknown): void;
  fail(error: unknown): void;
}

/** Lambda's context object. Before Node 24 it also holds `done`, `succeed`, `fail` and the callback's wait flag. */
export const createContext = (message: InvokeMessage, nodeMajor: number, answer: Answer): object => {
  const deadline = realNow() + message.remainingMs;
  const base = {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: message.requestId,
    invokedFunctionArn: message.functionArn,
    clientContext: message.clientContext,
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - realNow())),
  };
  if (nodeMajor >= 24) return base;
  return {
    ...base,
    callbackWaitsForEmptyEventLoop: true,
    succeed: (result: unknown) => answer.succeed(result),
    fail: (error: unknown) => answer.fail(error),
    done: (error: unknown, result: unknown) => (error ? answer.fail(error) : answer.succeed(result)),
  };
};
