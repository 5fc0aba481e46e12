import { arn, born, type Kind, type Made, text } from "./kind.ts";

// Lambda, SQS, SNS, EventBridge, Scheduler, Step Functions, Kinesis, logs and alarms.

const invokeArn = (made: Made, functionArn: string) =>
  `arn:aws:apigateway:${made.region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

const lambda: Kind = (made) => {
  const own = arn(made, "lambda", `function:${made.physical}`);
  const version = made.inputs.publish ? "1" : "$LATEST";
  return {
    id: made.physical,
    arn: own,
    invokeArn: invokeArn(made, own),
    responseStreamingInvokeArn: `arn:aws:apigateway:${made.region}:lambda:path/2021-11-15/functions/${own}/response-streaming-invocations`,
    qualifiedArn: `${own}:${version}`,
    qualifiedInvokeArn: invokeArn(made, `${own}:${version}`),
    version,
    lastModified: born,
    codeSha256: made.ids.base64(32),
    sourceCodeSize: 0,
  };
};

const functionArnOf = (made: Made): string => {
  const named = text(made.inputs.functionName ?? made.inputs.function);
  return named.startsWith("arn:") ? named : arn(made, "lambda", `function:${named}`);
};

const alias: Kind = (made) => {
  const own = `${functionArnOf(made)}:${made.physical}`;
  return { id: own, arn: own, invokeArn: invokeArn(made, own) };
};

const mapping: Kind = (made) => {
  const uuid = made.ids.uuid();
  return {
    id: uuid,
    uuid,
    arn: arn(made, "lambda", `event-source-mapping:${uuid}`),
    functionArn: functionArnOf(made),
    state: made.inputs.enabled === false ? "Disabled" : "Enabled",
    lastModified: born,
  };
};

const functionUrl: Kind = (made) => {
  const urlId = made.ids.lower(32);
  return {
    id: text(made.inputs.functionName),
    urlId,
    functionArn: functionArnOf(made),
    functionUrl: `https://${urlId}.lambda-url.${made.region}.on.aws/`,
  };
};

const queue: Kind = (made) => {
  const url = `https://sqs.${made.region}.amazonaws.com/${made.account}/${made.physical}`;
  return { id: url, url, arn: arn(made, "sqs", made.physical) };
};

const rule: Kind = (made) => {
  const bus = text(made.inputs.eventBusName).split("/").at(-1) ?? "";
  const path = bus && bus !== "default" ? `${bus}/${made.physical}` : made.physical;
  return { id: path, arn: arn(made, "events", `rule/${path}`) };
};

const target: Kind = (made) => {
  const bus = text(made.inputs.eventBusName) || "default";
  return { id: `${bus}/${text(made.inputs.rule)}/${text(made.inputs.targetId) || made.physical}` };
};

const schedule: Kind = (made) => {
  const group = text(made.inputs.groupName) || "default";
  return {
    id: `${group}/${made.physical}`,
    groupName: group,
    arn: arn(made, "scheduler", `schedule/${group}/${made.physical}`),
  };
};

const named =
  (service: string, prefix: string): Kind =>
  (made) => ({ id: made.physical, arn: arn(made, service, prefix + made.physical) });

const identified =
  (service: string, prefix: string): Kind =>
  (made) => ({
    id: arn(made, service, prefix + made.physical),
    arn: arn(made, service, prefix + made.physical),
  });

const stream: Kind = (made) => {
  const own = arn(made, "kinesis", `stream/${made.physical}`);
  return { id: own, arn: own };
};

const subscription: Kind = (made) => {
  const own = `${text(made.inputs.topic)}:${made.ids.uuid()}`;
  return { id: own, arn: own, ownerId: made.account, pendingConfirmation: false };
};

/** Types of this family. */
export const messaging: Readonly<Record<string, Kind>> = {
  "aws:lambda/function:Function": lambda,
  "aws:lambda/alias:Alias": alias,
  "aws:lambda/eventSourceMapping:EventSourceMapping": mapping,
  "aws:lambda/functionUrl:FunctionUrl": functionUrl,
  "aws:lambda/permission:Permission": (made) => ({
    id: text(made.inputs.statementId) || made.physical,
    statementId: text(made.inputs.statementId) || made.physical,
  }),
  "aws:lambda/layerVersion:LayerVersion": (made) => {
    const layerArn = arn(made, "lambda", `layer:${text(made.inputs.layerName)}`);
    return { id: `${layerArn}:1`, arn: `${layerArn}:1`, layerArn, version: "1" };
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (made) => ({
    id: text(made.inputs.functionName),
  }),
  "aws:sqs/queue:Queue": queue,
  "aws:sqs/queuePolicy:QueuePolicy": (made) => ({ id: text(made.inputs.queueUrl) }),
  "aws:sns/topic:Topic": (made) => ({ ...identified("sns", "")(made), owner: made.account }),
  "aws:sns/topicPolicy:TopicPolicy": (made) => ({ id: text(made.inputs.arn), owner: made.account }),
  "aws:sns/topicSubscription:TopicSubscription": subscription,
  "aws:sns/platformApplication:PlatformApplication": (made) =>
    identified("sns", `app/${text(made.inputs.platform)}/`)(made),
  "aws:sns/smsPreferences:SmsPreferences": () => ({ id: "aws_sns_sms_id" }),
  "aws:cloudwatch/eventBus:EventBus": named("events", "event-bus/"),
  "aws:cloudwatch/eventArchive:EventArchive": named("events", "archive/"),
  "aws:cloudwatch/eventConnection:EventConnection": (made) => ({
    id: made.physical,
    arn: arn(made, "events", `connection/${made.physical}/${made.ids.uuid()}`),
  }),
  "aws:cloudwatch/eventApiDestination:EventApiDestination": (made) => ({
    id: made.physical,
    arn: arn(made, "events", `api-destination/${made.physical}/${made.ids.uuid()}`),
  }),
  "aws:cloudwatch/eventRule:EventRule": rule,
  "aws:cloudwatch/eventTarget:EventTarget": target,
  "aws:cloudwatch/logGroup:LogGroup": named("logs", "log-group:"),
  "aws:cloudwatch/logDelivery:LogDelivery": (made) => {
    const id = made.ids.mixed(16);
    return { id, arn: arn(made, "logs", `delivery:${id}`) };
  },
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": named("logs", "delivery-destination:"),
  "aws:cloudwatch/logDeliverySource:LogDeliverySource": named("logs", "delivery-source:"),
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": (made) => ({
    id: `cwlsf-${made.ids.digits(10)}`,
  }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": named("cloudwatch", "alarm:"),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": named("cloudwatch", "alarm:"),
  "aws:cloudwatch/dashboard:Dashboard": (made) => ({
    id: made.physical,
    dashboardArn: `arn:aws:cloudwatch::${made.account}:dashboard/${made.physical}`,
  }),
  "aws:scheduler/schedule:Schedule": schedule,
  "aws:scheduler/scheduleGroup:ScheduleGroup": named("scheduler", "schedule-group/"),
  "aws:pipes/pipe:Pipe": named("pipes", "pipe/"),
  "aws:sfn/stateMachine:StateMachine": identified("states", "stateMachine:"),
  "aws:sfn/activity:Activity": identified("states", "activity:"),
  "aws:kinesis/stream:Stream": stream,
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": identified("firehose", "deliverystream/"),
};
