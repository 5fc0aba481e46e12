import type { AwsService, Cloud } from "../kit/cloud.ts";
import type { LambdaHost } from "../lambda/types.ts";
import { cloudwatch } from "./cloudwatch/cloudwatch.ts";
import { cognito } from "./cognito/cognito.ts";
import { dynamodb } from "./dynamodb/dynamodb.ts";
import { events } from "./eventbridge/events.ts";
import { lambdaApi } from "./lambda-api/lambda-api.ts";
import { createLogs } from "./logs/logs.ts";
import { s3 } from "./s3/s3.ts";
import { scheduler } from "./scheduler/scheduler.ts";
import { secretsManager } from "./secretsmanager/secretsmanager.ts";
import { ses } from "./ses/ses.ts";
import { sns } from "./sns/sns.ts";
import { sqs } from "./sqs/sqs.ts";
import { ssm } from "./ssm/ssm.ts";
import { sts } from "./sts/sts.ts";
import { webSockets } from "./websocket/websocket.ts";
import { xray } from "./xray/xray.ts";

/** Every AWS service the local cloud serves. Built before Lambda starts, started after it: triggers need functions. */
export const createServices = async (cloud: Cloud, host: () => LambdaHost) => {
  const queues = sqs(cloud);
  const metrics = cloudwatch(cloud, {
    queues: () => queues.inspect(),
    functions: () => host().stats(),
  });
  const logService = createLogs(cloud, (lines) => metrics.read(lines));
  const userPools = await cognito(cloud);
  const segments = await xray(cloud);
  const sockets = webSockets(cloud);
  const secrets = secretsManager(cloud);
  const all: AwsService[] = [
    logService,
    await dynamodb(cloud),
    queues,
    await sns(cloud),
    secrets,
    ssm(cloud, { secret: (id, caller) => secrets.current(id, caller) }),
    ses(cloud, {
      metric: (metric) => metrics.put(metric),
    }),
    metrics,
    events(cloud),
    scheduler(cloud),
    userPools,
    await s3(cloud),
    sts(cloud),
    segments,
    lambdaApi(cloud, {
      run: (spec, event, options) => host().run(spec, event, options),
      invokeAsync: (arn, event, options) => host().invokeAsync(arn, event, options),
      stats: () => host().stats(),
    }),
    sockets,
  ];
  return { all, sockets, logs: logService, userPools, xrayDaemon: segments.daemonAddress };
};
