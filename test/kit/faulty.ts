import { faultyCalls } from "../../local/faults/calls.ts";
import { createFaults, type Faults } from "../../local/faults/faults.ts";
import { startGateway } from "../../local/gateway/gateway.ts";
import { systemClock } from "../../local/kit/clock.ts";
import type { AwsRequest, AwsService } from "../../local/kit/cloud.ts";
import type { Caller } from "../../local/kit/credentials.ts";
import { createRecorder } from "../../local/kit/recorder.ts";
import { connect } from "../../local/services/dynamodb/client.ts";

/** A call as it reached the service. */
export interface Reached {
  /** `PutItem`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** An AWS endpoint in front of one service, with faults in between, that takes this process for an execution environment. */
export interface FaultyEndpoint {
  readonly url: string;
  readonly faults: Faults;
  /** Calls that reached the service since it was last emptied. */
  readonly reached: Reached[];
  /** After a crash: none of this process's calls is taken before. */
  restart(): void;
  stop(): Promise<void>;
}

/** Keys of this process: what its AWS clients find in its environment. */
export const keys = { accessKeyId: "test", secretAccessKey: "test" };

/** Calls kept for tests to look at. */
const REACHED = 1_000;

const engineAt = (port: number, reached: Reached[]): AwsService & { stop(): Promise<void> } => {
  const client = connect(port);
  return {
    name: "dynamodb",
    async handle({ headers, body }: AwsRequest) {
      const target = headers["x-amz-target"] ?? "";
      reached.push({ operation: target.split(".").at(-1) ?? "", input: JSON.parse(body.toString("utf8")) });
      if (reached.length > REACHED) reached.shift();
      const answer = await client.send(target, body);
      return { ...answer, headers: { "content-type": "application/x-amz-json-1.0" } };
    },
    stop: async () => client.close(),
  };
};

/** Puts an endpoint with faults in front of a DynamoDB Local. A crash ends this process, as far as AWS can tell. */
export const startFaulty = async (port: number): Promise<FaultyEndpoint> => {
  const clock = systemClock();
  const faults = createFaults(clock);
  const reached: Reached[] = [];
  const service = engineAt(port, reached);
  const process: Caller = { ...keys, environmentId: "this process" };
  let dead = false;
  const graph = {
    app: "test",
    stage: "test",
    region: "us-east-1",
    accountId: "123456789012",
    resources: [],
    functions: [],
    outputs: {},
  };
  const crash = async () => {
    dead = true;
  };
  const gateway = await startGateway({
    port: 0,
    clock,
    credentials: {
      developer: process,
      issue: () => process,
      revoke: () => {},
      find: (id) => (id === process.accessKeyId && !dead ? process : undefined),
    },
    recorder: createRecorder(),
    print: () => {},
    services: [service],
    around: faultyCalls(faults, { graph, clock, crash, invocationOf: () => undefined }),
  });
  return {
    url: gateway.endpoint,
    faults,
    reached,
    restart: () => {
      dead = false;
    },
    async stop() {
      await gateway.stop();
      await service.stop();
    },
  };
};
