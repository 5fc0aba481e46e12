import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../local/gateway/gateway.ts";
import { systemClock } from "../../local/kit/clock.ts";
import type { AwsRequest } from "../../local/kit/cloud.ts";
import { createCredentials } from "../../local/kit/credentials.ts";
import { createRecorder } from "../../local/kit/recorder.ts";
import type { LambdaHost } from "../../local/lambda/types.ts";
import { arnOf, fixtureRoot, specOf, startHost } from "../fixtures/lambda/host.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const spec = specOf("aws-call", { handler: "test/fixtures/lambda/functions/aws-call.handler" });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

test("an SDK client with nothing configured calls the local endpoint, signed as its environment", async () => {
  const clock = systemClock();
  const credentials = createCredentials();
  const recorder = createRecorder();
  const requests: AwsRequest[] = [];
  let lambda: LambdaHost | undefined;
  const table = {
    name: "dynamodb",
    async handle(request: AwsRequest) {
      requests.push(request);
      const headers = { "content-type": "application/x-amz-json-1.0" };
      return { status: 200, headers, body: '{"Item":{"pk":{"S":"k"}}}', detail: { readUnits: 0.5 } };
    },
  };
  const gateway: Gateway = await startGateway({
    port: 0,
    clock,
    credentials,
    recorder,
    print() {},
    services: [table],
    onCall: (environmentId, units) => lambda?.noteCall(environmentId, units),
  });
  stops.push(() => gateway.stop());
  const host = await startHost([spec], {
    root,
    clock,
    credentials,
    recorder,
    endpoint: gateway.endpoint,
    watch: false,
  });
  stops.push(() => host.stop());
  lambda = host.lambda;

  const { payload, error } = await host.lambda.invoke(arnOf("aws-call"), {});
  expect([error, payload]).toEqual([undefined, { pk: { S: "k" } }]);
  expect(requests[0]?.caller).toMatchObject({ functionArn: arnOf("aws-call"), roleArn: spec.roleArn });
  const call = recorder.recent().find(({ kind }) => kind === "aws");
  const invoked = recorder.recent().find(({ kind }) => kind === "invoke");
  expect(call).toMatchObject({ traceId: invoked?.traceId, parentId: invoked?.id });
  expect(invoked?.detail).toMatchObject({ calls: 1, readUnits: 0.5 });
  expect(host.printed[0]).toMatch(/cold \d+ ms {2}1 call 0\.5 RCU$/);

  // The clock's future is the function's as well: its signatures stay valid.
  clock.advance(86_400_000);
  expect((await host.lambda.invoke(arnOf("aws-call"), {})).payload).toEqual({ pk: { S: "k" } });
});

test("bundles are reported in bytes, as they would be deployed", async () => {
  const host = await startHost([spec], { root, watch: false });
  stops.push(() => host.stop());
  const bytes = await host.lambda.build();
  expect(bytes["aws-call"]).toBeGreaterThan(100_000);
  expect(host.lambda.stats()[0]).toMatchObject({ bundleBytes: bytes["aws-call"], environments: 0 });
});

test("stopping ends a build under way without a word about the sources, and starts no other", async () => {
  const { root: fixtures, remove } = fixtureRoot();
  const names = ["noop", "counter", "logs", "fail"];
  const host = await startHost(
    names.map((name) => specOf(name)),
    { root: fixtures, watch: false },
  );
  const building = host.lambda.build();
  await host.stop();
  expect(Object.keys(await building)).not.toContain("fail");
  expect(host.printed).toEqual([]);
  remove();
});

test("no installed SDK client, no queue URL and no endpoint of AWS's leads a function to AWS", async () => {
  const printed: string[] = [];
  const [clock, credentials, recorder] = [systemClock(), createCredentials(), createRecorder()];
  const print = (line: string) => void printed.push(line);
  const gateway = await startGateway({ port: 0, clock, credentials, recorder, print });
  stops.push(() => gateway.stop());
  const clients = specOf("aws-clients", {
    handler: "test/fixtures/lambda/functions/aws-clients.handler",
    timeoutSeconds: 20,
    environment: {
      QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
      AWS_ENDPOINT_URL_DYNAMODB: "https://dynamodb.eu-west-1.amazonaws.com",
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
      AWS_USE_FIPS_ENDPOINT: "true",
    },
  });
  const { endpoint } = gateway;
  const host = await startHost([clients], { root, clock, credentials, recorder, endpoint, watch: false });
  stops.push(() => host.stop());
  const { payload, error } = await host.lambda.invoke(arnOf("aws-clients"), {});
  expect(error).toBeUndefined();
  const outcome = payload as Record<string, string>;
  const { dependencies, devDependencies } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  const installed = Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => name.startsWith("@aws-sdk/client-"))
    .map((name) => name.slice("@aws-sdk/".length));
  // Nothing is served here: a call that reached the local endpoint was refused there, by name.
  for (const name of [...installed, "a queue URL from the environment"])
    expect([name, outcome[name]]).toEqual([name, expect.stringContaining("No local service answers")]);
  for (const name of ["a queue URL in the code", "an endpoint in the code", "fetch"])
    expect([name, outcome[name]]).toEqual([name, expect.stringContaining("never calls AWS")]);
  expect(printed.filter((line) => line.includes("The call was not sent to AWS"))).toHaveLength(
    installed.length + 1,
  );
  expect(host.logged.filter(({ message }) => message.includes("never calls AWS"))).toHaveLength(3);
});
