import { createFaults } from "../../../local/faults/faults.ts";
import { systemClock } from "../../../local/kit/clock.ts";
import type { Cloud } from "../../../local/kit/cloud.ts";
import { createCredentials } from "../../../local/kit/credentials.ts";
import { createRecorder } from "../../../local/kit/recorder.ts";
import { cloudwatch } from "../../../local/services/cloudwatch/cloudwatch.ts";
import { cognito } from "../../../local/services/cognito/cognito.ts";
import { operations as dynamodb } from "../../../local/services/dynamodb/operations.ts";
import { events } from "../../../local/services/eventbridge/events.ts";
import { lambdaApi } from "../../../local/services/lambda-api/lambda-api.ts";
import { createLogs } from "../../../local/services/logs/logs.ts";
import { s3 } from "../../../local/services/s3/s3.ts";
import { scheduler } from "../../../local/services/scheduler/scheduler.ts";
import { secretsManager } from "../../../local/services/secretsmanager/secretsmanager.ts";
import { ses } from "../../../local/services/ses/ses.ts";
import { sns } from "../../../local/services/sns/sns.ts";
import { sqs } from "../../../local/services/sqs/sqs.ts";
import { ssm } from "../../../local/services/ssm/ssm.ts";
import { sts } from "../../../local/services/sts/sts.ts";
import { webSockets } from "../../../local/services/websocket/websocket.ts";
import { xray } from "../../../local/services/xray/xray.ts";

const noFunctions = async (): Promise<never> => {
  throw new Error("There are no functions here");
};

const clock = systemClock();

/** A cloud with nothing in it, in memory. */
const empty: Cloud = {
  graph: {
    app: "none",
    stage: "none",
    region: "us-east-1",
    accountId: "123456789012",
    resources: [],
    functions: [],
    outputs: {},
  },
  clock,
  credentials: createCredentials(),
  recorder: createRecorder(),
  faults: createFaults(clock),
  endpoint: "http://127.0.0.1:1",
  lambda: { invoke: noFunctions, invokeAsync: noFunctions },
  deliver: noFunctions,
  print: () => {},
};

/** What the services answer, as each says itself: `sqs:SendMessage`. */
export const servedOperations = async (): Promise<readonly string[]> => {
  const services = [
    sqs(empty),
    cloudwatch(empty, { queues: () => [], functions: () => [] }),
    createLogs(empty),
    await cognito(empty),
    await xray(empty),
    webSockets(empty),
    secretsManager(empty),
    ssm(empty, { secret: () => undefined }),
    ses(empty),
    events(empty),
    scheduler(empty),
    await s3(empty),
    await sns(empty),
    sts(empty),
    lambdaApi(empty, { run: noFunctions, invokeAsync: noFunctions }),
  ];
  for (const service of services) await service.stop?.();
  // the engine itself is a process of its own: its list is held against what it answers by test/local/operations.test.ts
  return [...services.flatMap(({ operations = [] }) => operations), ...dynamodb];
};
