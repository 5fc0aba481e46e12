import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createFaults } from "../../local/faults/faults.ts";
import { createDeliver } from "../../local/gateway/deliver.ts";
import { startGateway } from "../../local/gateway/gateway.ts";
import type { FunctionSpec, Graph, Resource } from "../../local/graph/graph.ts";
import { systemClock } from "../../local/kit/clock.ts";
import type { AwsService, Cloud, Invocation, Lambda, ServiceFactory } from "../../local/kit/cloud.ts";
import { createCredentials } from "../../local/kit/credentials.ts";
import { createRecorder } from "../../local/kit/recorder.ts";
import type { SqsService } from "../../local/services/sqs/sqs.ts";

const REGION = "eu-central-1";
const ACCOUNT = "000000000000";

/** The ARN of a resource of the test's graph. */
export const arn = (service: string, rest: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
export const queueArn = (name: string): string => arn("sqs", name);
export const functionArn = (name: string): string => arn("lambda", `function:${name}`);

/** One resource as the synthesizer would write it. */
export const resource = (
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  outputs: Record<string, unknown> = {},
  id = name,
): Resource => ({ urn: `urn:${type}::${name}`, type, name, id, inputs, outputs: { ...inputs, ...outputs } });

/** A queue; the URL is AWS's, as a link would carry it. */
export const queue = (name: string, inputs: Record<string, unknown> = {}): Resource => {
  const url = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;
  const fifo = name.endsWith(".fifo");
  return resource(
    "aws:sqs/queue:Queue",
    name,
    { name, fifoQueue: fifo, ...inputs },
    { arn: queueArn(name), url },
    url,
  );
};

/** A queue's redrive policy. */
export const redriveTo = (name: string, maxReceiveCount: number) => ({
  redrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(name), maxReceiveCount }),
});

/** An event source mapping from a queue to a function. */
export const mapping = (from: string, to: string, inputs: Record<string, unknown> = {}): Resource =>
  resource("aws:lambda/eventSourceMapping:EventSourceMapping", `${from}To${to}`, {
    eventSourceArn: queueArn(from),
    functionName: functionArn(to),
    batchSize: 10,
    functionResponseTypes: [],
    ...inputs,
  });

export type Handler = (event: never, invocation: { trace?: string }) => unknown;

const functionSpec = (name: string): FunctionSpec => ({
  name,
  arn: functionArn(name),
  component: name,
  handler: `${name}.handler`,
  memoryMb: 128,
  timeoutSeconds: 30,
  runtime: "nodejs24.x",
  environment: {},
  roleArn: arn("iam", `role/${name}`),
  logGroup: `/aws/lambda/${name}`,
  async: { maxRetries: 2, maxAgeSeconds: 3600 },
  nodejs: {},
});

/** Runs handlers in this process; what they throw is a function error. `throttle` answers like a full function. */
const inProcess = (handlers: Record<string, Handler>): Lambda & { throttle: boolean } => {
  const lambda = {
    throttle: false,
    async invoke(target: string, event: unknown, options: { trace?: string } = {}): Promise<Invocation> {
      const base = { requestId: crypto.randomUUID(), durationMs: 1 };
      if (lambda.throttle) return { ...base, throttled: true };
      const handler = handlers[target.split(":")[6] ?? ""];
      try {
        const payload = await handler?.(event as never, options);
        return { ...base, payload: payload === undefined ? null : payload };
      } catch (error) {
        return { ...base, error: { errorType: "Error", errorMessage: String(error) } };
      }
    },
    async invokeAsync(target: string, event: unknown, options: { trace?: string } = {}) {
      const { requestId } = await lambda.invoke(target, event, options);
      return { requestId };
    },
  };
  return lambda;
};

export interface HarnessOptions {
  readonly resources: readonly Resource[];
  readonly services: readonly ServiceFactory[];
  readonly functions?: Record<string, Handler>;
  readonly dataDir?: string;
  /** Starts the clock that much later than now: a cloud that was off for a while. */
  readonly aheadMs?: number;
}

/** The services under the real endpoint, with real SDK clients and a clock that can be advanced. */
export const startHarness = async (options: HarnessOptions) => {
  const clock = systemClock();
  clock.advance(options.aheadMs ?? 0);
  const credentials = createCredentials();
  const recorder = createRecorder();
  const faults = createFaults(clock);
  const functions = options.functions ?? {};
  const lambda = inProcess(functions);
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const gateway = await startGateway({ port: 0, clock, credentials, recorder, print });
  const graph: Graph = {
    app: "test",
    stage: "local",
    region: REGION,
    accountId: ACCOUNT,
    resources: options.resources,
    functions: Object.keys(functions).map(functionSpec),
    outputs: {},
  };
  const cloud: Cloud = {
    graph,
    clock,
    credentials,
    recorder,
    faults,
    endpoint: gateway.endpoint,
    lambda,
    print,
    deliver: createDeliver({ services: gateway.services, lambda: () => lambda, clock, recorder, faults }),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  };
  const services: AwsService[] = [];
  try {
    for (const factory of options.services) services.push(await factory(cloud));
  } catch (error) {
    await gateway.stop();
    throw error;
  }
  for (const service of services) gateway.register(service);
  for (const service of services) await service.start?.();
  const { accessKeyId, secretAccessKey } = credentials.developer;
  const config = {
    endpoint: gateway.endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 2,
  };
  const clients = {
    sqs: new SQSClient(config),
    events: new EventBridgeClient(config),
    scheduler: new SchedulerClient(config),
  };
  return {
    ...clients,
    cloud,
    clock,
    lambda,
    recorder,
    printed,
    get sqsService() {
      return services.find((service) => service.name === "sqs") as SqsService;
    },
    url: (name: string) => `${gateway.endpoint}/${ACCOUNT}/${name}`,
    async stop() {
      for (const client of Object.values(clients)) client.destroy();
      for (const service of services) await service.stop?.();
      await gateway.stop();
    },
  };
};

export type Harness = Awaited<ReturnType<typeof startHarness>>;

/** A directory that is removed by `remove`. */
export const temporaryDirectory = () => {
  const path = mkdtempSync(join(tmpdir(), "tenfold-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};
