import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";
import { faultyCalls } from "../../local/faults/calls.ts";
import { createFaults } from "../../local/faults/faults.ts";
import { createDeliver } from "../../local/gateway/deliver.ts";
import { startGateway } from "../../local/gateway/gateway.ts";
import { systemClock } from "../../local/kit/clock.ts";
import type { Cloud } from "../../local/kit/cloud.ts";
import { createCredentials } from "../../local/kit/credentials.ts";
import { createRecorder } from "../../local/kit/recorder.ts";
import { createLambda } from "../../local/lambda/host.ts";
import type { LambdaHost } from "../../local/lambda/types.ts";
import { dynamodb } from "../../local/services/dynamodb/dynamodb.ts";
import { events } from "../../local/services/eventbridge/events.ts";
import { lambdaApi } from "../../local/services/lambda-api/lambda-api.ts";
import { sqs } from "../../local/services/sqs/sqs.ts";
import { accountId, graphOf, region, specOf } from "../fixtures/lambda/host.ts";
import { resource } from "./gateway-fixture.ts";

const ROOT = `${import.meta.dirname}/../..`;
const arn = (service: string, name: string) => `arn:aws:${service}:${region}:${accountId}:${name}`;
const at = (name: string) => ({ handler: `test/fixtures/lambda/functions/${name}.handler` });

const functions = [
  specOf("lend", { ...at("lend"), timeoutSeconds: 20 }),
  specOf("counter", { ...at("counter"), timeoutSeconds: 3 }),
];

const resources = [
  resource(
    "aws:dynamodb/table:Table",
    "Books",
    {
      name: "Books",
      hashKey: "pk",
      rangeKey: "sk",
      attributes: [
        { name: "pk", type: "S" },
        { name: "sk", type: "S" },
      ],
      billingMode: "PAY_PER_REQUEST",
    },
    { arn: arn("dynamodb", "table/Books") },
  ),
  ...["Requests", "Lost", "Plain"].map((name) =>
    resource(
      "aws:sqs/queue:Queue",
      name,
      {
        name,
        visibilityTimeoutSeconds: 60,
        ...(name === "Requests"
          ? {
              redrivePolicy: JSON.stringify({ deadLetterTargetArn: arn("sqs", "Lost"), maxReceiveCount: 8 }),
            }
          : {}),
      },
      { arn: arn("sqs", name), url: `https://sqs.${region}.amazonaws.com/${accountId}/${name}` },
    ),
  ),
  resource("aws:lambda/eventSourceMapping:EventSourceMapping", "RequestsToLend", {
    eventSourceArn: arn("sqs", "Requests"),
    functionName: arn("lambda", "function:lend"),
    batchSize: 1,
  }),
  resource(
    "aws:cloudwatch/eventBus:EventBus",
    "Bus",
    { name: "Bus" },
    { arn: arn("events", "event-bus/Bus") },
  ),
  resource(
    "aws:cloudwatch/eventRule:EventRule",
    "Told",
    { name: "Told", eventBusName: "Bus", eventPattern: JSON.stringify({ source: ["library"] }) },
    { arn: arn("events", "rule/Bus/Told") },
  ),
  resource("aws:cloudwatch/eventTarget:EventTarget", "ToPlain", {
    rule: "Told",
    eventBusName: "Bus",
    arn: arn("sqs", "Plain"),
  }),
];

/** A table, queues, a bus and functions on real threads, all behind the endpoint with its faults. */
export const startFaultyCloud = async (maxAttempts = 1) => {
  const clock = systemClock();
  const [credentials, recorder, faults] = [createCredentials(), createRecorder(), createFaults(clock)];
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const graph = graphOf(functions, resources);
  let lambda: LambdaHost | undefined;
  const host = () => {
    if (!lambda) throw new Error("not started");
    return lambda;
  };
  const around = faultyCalls(faults, {
    graph,
    clock,
    crash: (id) => host().crash(id),
    invocationOf: (id) => host().invocationOf(id),
  });
  const onCall = (id: string, units: { readUnits: number; writeUnits: number }) => host().noteCall(id, units);
  const gateway = await startGateway({ port: 0, clock, credentials, recorder, print, around, onCall });
  const deliver = createDeliver({ services: gateway.services, lambda: host, clock, recorder, faults });
  const parts = { graph, clock, credentials, recorder, faults, print, deliver };
  const cloud: Cloud = {
    ...parts,
    endpoint: gateway.endpoint,
    get lambda() {
      return host();
    },
  };
  const services = [
    await dynamodb(cloud),
    sqs(cloud),
    events(cloud),
    lambdaApi(cloud, {
      run: (spec, event, options) => host().run(spec, event, options),
      invokeAsync: (name, event, options) => host().invokeAsync(name, event, options),
    }),
  ];
  for (const service of services) gateway.register(service);
  lambda = await createLambda({
    ...parts,
    endpoint: cloud.endpoint,
    root: ROOT,
    logs: { append() {} },
    watch: false,
  });
  for (const service of services) await service.start?.();
  const { accessKeyId, secretAccessKey } = credentials.developer;
  const config = {
    endpoint: gateway.endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts,
    requestHandler: { requestTimeout: 2_000, throwOnRequestTimeout: true },
  };
  const clients = {
    dynamodb: new DynamoDBClient(config),
    sqs: new SQSClient(config),
    events: new EventBridgeClient(config),
  };
  return {
    ...clients,
    config,
    cloud,
    clock,
    faults,
    lambda,
    recorder,
    printed,
    url: (name: string) => `${gateway.endpoint}/${accountId}/${name}`,
    /** What the lending function has written. */
    async item(pk: string) {
      const Key = { pk: { S: pk }, sk: { S: "-" } };
      const found = await clients.dynamodb.send(
        new GetItemCommand({ TableName: "Books", Key, ConsistentRead: true }),
      );
      return found.Item;
    },
    async stop() {
      for (const client of Object.values(clients)) client.destroy();
      for (const service of services) await service.pause?.();
      await lambda?.stop();
      for (const service of services) await service.stop?.();
      await gateway.stop();
    },
  };
};

/** That cloud, running. */
export type FaultyCloud = Awaited<ReturnType<typeof startFaultyCloud>>;
