import {
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../local/gateway/gateway.ts";
import { lambdaApi } from "../../local/services/lambda-api/lambda-api.ts";
import { arnOf, deployed, graphOf, region, specOf, startHost, until } from "../fixtures/lambda/host.ts";

const functions = [
  specOf("noop"),
  specOf("fail"),
  specOf("probe"),
  specOf("counter", { reservedConcurrency: 1 }),
];
let host: Awaited<ReturnType<typeof startHost>>;
let gateway: Gateway;
let client: LambdaClient;

beforeAll(async () => {
  host = await startHost(functions, { resources: functions.map((spec) => deployed(spec)) });
  const { clock, credentials, recorder } = host;
  const api = lambdaApi({ graph: graphOf(functions), clock, print() {} }, host.lambda);
  gateway = await startGateway({ port: 0, clock, credentials, recorder, print() {}, services: [api] });
  const { accessKeyId, secretAccessKey } = credentials.developer;
  const { endpoint } = gateway;
  client = new LambdaClient({
    region,
    endpoint,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await gateway.stop();
  await host.stop();
});

const json = (bytes: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(bytes ?? []).toString());

test("Invoke answers what the handler returned, by name or ARN", async () => {
  for (const FunctionName of ["noop", arnOf("noop"), `${arnOf("noop")}:$LATEST`]) {
    const { StatusCode, Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify({ a: [1] }) }),
    );
    expect([StatusCode, json(Payload), FunctionError]).toEqual([200, { a: [1] }, undefined]);
  }
});

test("Invoke names an unhandled error and returns the log's tail when asked", async () => {
  const { StatusCode, Payload, FunctionError, LogResult, ExecutedVersion } = await client.send(
    new InvokeCommand({ FunctionName: "fail", Payload: '{"how":"throw"}', LogType: "Tail" }),
  );
  expect([StatusCode, FunctionError, ExecutedVersion]).toEqual([200, "Unhandled", "$LATEST"]);
  expect(json(Payload)).toMatchObject({ errorType: "RangeError", errorMessage: "out of range" });
  expect(Buffer.from(LogResult ?? "", "base64").toString()).toContain('"type":"platform.report"');
});

test("Invoke hands the client context on", async () => {
  const ClientContext = Buffer.from(JSON.stringify({ custom: { from: "test" } })).toString("base64");
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: "probe", ClientContext }));
  expect(json(Payload)).toMatchObject({ context: { clientContext: { custom: { from: "test" } } } });
});

test("an Event invocation is accepted at once and runs later; a dry run never does", async () => {
  const send = (InvocationType: "Event" | "DryRun") =>
    client.send(new InvokeCommand({ FunctionName: "counter", InvocationType, Payload: "{}" }));
  expect((await send("DryRun")).StatusCode).toBe(204);
  expect((await send("Event")).StatusCode).toBe(202);
  const counter = () => host.lambda.stats().find(({ component }) => component === "counter");
  await until(() => counter()?.invocations === 1 && counter()?.busy === 0, "it to run");
});

test("a throttled invocation is a TooManyRequestsException", async () => {
  const running = host.lambda.invoke(arnOf("counter"), { waitMs: 300 });
  await until(
    () => host.lambda.stats().some(({ component, busy }) => component === "counter" && busy === 1),
    "it to run",
  );
  await expect(client.send(new InvokeCommand({ FunctionName: "counter" }))).rejects.toMatchObject({
    name: "TooManyRequestsException",
  });
  await running;
});

test("configuration is read and listed; an unknown function and an unserved operation say so", async () => {
  const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: "noop" }));
  expect(Configuration).toMatchObject({ FunctionArn: arnOf("noop"), MemorySize: 256, Runtime: "nodejs24.x" });
  const { Functions } = await client.send(new ListFunctionsCommand({}));
  expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual(["noop", "fail", "probe", "counter"]);
  await expect(client.send(new InvokeCommand({ FunctionName: "none" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  const create = new CreateFunctionCommand({ FunctionName: "x", Role: "arn:aws:iam::1:role/x", Code: {} });
  await expect(client.send(create)).rejects.toThrow("POST /2015-03-31/functions is not served locally");
});
