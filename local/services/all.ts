import type { AwsService, Cloud } from "../kit/cloud.ts";
import type { LambdaHost } from "../lambda/types.ts";
import { cognito } from "./cognito/cognito.ts";
import { dynamodb } from "./dynamodb/dynamodb.ts";
import { events } from "./eventbridge/events.ts";
import { lambdaApi } from "./lambda-api/lambda-api.ts";
import { createLogs } from "./logs/logs.ts";
import { scheduler } from "./scheduler/scheduler.ts";
import { sqs } from "./sqs/sqs.ts";
import { sts } from "./sts/sts.ts";

/** Every AWS service the local cloud serves. Built before Lambda starts, started after it: triggers need functions. */
export const createServices = async (cloud: Cloud, host: () => LambdaHost) => {
  const logService = createLogs(cloud);
  const userPools = await cognito(cloud);
  const all: AwsService[] = [
    logService,
    await dynamodb(cloud),
    sqs(cloud),
    events(cloud),
    scheduler(cloud),
    userPools,
    sts(cloud),
    lambdaApi(cloud, {
      run: (spec, event, options) => host().run(spec, event, options),
      invokeAsync: (arn, event, options) => host().invokeAsync(arn, event, options),
    }),
  ];
  return { all, logs: logService, userPools };
};
