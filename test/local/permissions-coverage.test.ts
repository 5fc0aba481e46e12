import * as management from "@aws-sdk/client-apigatewaymanagementapi";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as cognito from "@aws-sdk/client-cognito-identity-provider";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as events from "@aws-sdk/client-eventbridge";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as scheduler from "@aws-sdk/client-scheduler";
import * as secrets from "@aws-sdk/client-secrets-manager";
import * as ses from "@aws-sdk/client-ses";
import * as sesv2 from "@aws-sdk/client-sesv2";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import * as xray from "@aws-sdk/client-xray";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFixtureApp } from "../kit/fixture-app.ts";

let app: Awaited<ReturnType<typeof startFixtureApp>>;
beforeAll(async () => {
  app = await startFixtureApp("guarded");
}, 180_000);
afterAll(() => app.stop());

interface Client {
  send(command: unknown, options: { abortSignal: AbortSignal }): Promise<unknown>;
  destroy(): void;
}
type Module = Readonly<Record<string, unknown>>;
type Make<T> = new (input: object) => T;

/** What some operations are told apart by, though no path names it. Nothing of it exists. */
const INPUT: Readonly<Record<string, unknown>> = {
  CopySource: "nosuch/nosuch",
  UploadId: "nosuch",
  PartNumber: 1,
  Delete: { Objects: [{ Key: "nosuch" }] },
  RenameSource: "nosuch",
};

/** Speaks as a function of the app, or without one as the developer. */
const clientOf = (module: Module, component?: string): Client => {
  const Make = Object.entries(module).find(([name]) => /^[A-Z]\w+Client$/.test(name))?.[1] as Make<Client>;
  const { credentials, endpoint, graph } = app.cloud;
  const fn = graph.functions.find((spec) => spec.component === component);
  const { accessKeyId, secretAccessKey, sessionToken } = fn
    ? credentials.issue({ functionArn: fn.arn, roleArn: fn.roleArn, environmentId: "walk" })
    : credentials.developer;
  return new Make({
    endpoint,
    region: "eu-west-1",
    maxAttempts: 1,
    forcePathStyle: true,
    disableHostPrefix: true,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
  });
};

interface Answer {
  readonly status: number | undefined;
  readonly said: string;
}

/** Sends a command with nothing in it but what its path needs. */
const answerTo = async (client: Client, Command: Make<unknown>, input = INPUT): Promise<Answer> => {
  try {
    await client.send(new Command(input), { abortSignal: AbortSignal.timeout(5_000) });
    return { status: 200, said: "" };
  } catch (error) {
    const { $metadata, name, message } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const label = /HTTP label: (\w+)/.exec(message)?.[1];
    if (label !== undefined && input[label] === undefined)
      return answerTo(client, Command, { ...input, [label]: "nosuch" });
    return { status: $metadata?.httpStatusCode, said: `${name} ${message}` };
  }
};

const NOT_SERVED = /NotImplemented|UnknownOperation|UnsupportedOperation|not serve|InvalidAction/;

/** Commands of a client that the service answers and permissions do not know. */
const missing = async (module: Module): Promise<string[]> => {
  const [everybody, developer] = [clientOf(module, "Everybody"), clientOf(module)];
  const commands = Object.entries(module).filter(([name]) => /^[A-Z]\w+Command$/.test(name));
  expect(commands.length).toBeGreaterThan(0);
  const found: string[] = [];
  for (const [name, Command] of commands) {
    const { said } = await answerTo(everybody, Command as Make<unknown>);
    if (!said.includes("does not know which permission")) continue;
    const served = await answerTo(developer, Command as Make<unknown>);
    if (served.status !== 501 && !NOT_SERVED.test(served.said))
      found.push(`${name}: ${served.status} ${served.said}`);
  }
  everybody.destroy();
  developer.destroy();
  return found;
};

test.each<[string, Module]>([
  ["API Gateway's management of connections", management],
  ["CloudWatch", cloudwatch],
  ["CloudWatch Logs", logs],
  ["Cognito", cognito],
  ["DynamoDB", dynamodb],
  ["EventBridge", events],
  ["Lambda", lambda],
  ["S3", s3],
  ["Scheduler", scheduler],
  ["Secrets Manager", secrets],
  ["SES v1", ses],
  ["SES v2", sesv2],
  ["SNS", sns],
  ["SQS", sqs],
  ["the Parameter Store", ssm],
  ["X-Ray", xray],
])("whatever the local %s answers, it is known which permission it needs", async (_, module) => {
  expect(await missing(module)).toEqual([]);
});

// Decided by the service for each key.
const LATER = /^DeleteObjectsCommand$/;
const REFUSED = /403|AccessDenied|not authorized|does not know|NotImplemented|501/;
// An empty request asks for nothing: AWS too says so before it asks for permissions.
const EMPTY = /ValidationException|InvalidParameter(Value)?Exception/;

test("a function without any permission gets nothing of what is served", async () => {
  const through: string[] = [];
  const modules: Module[] = [
    dynamodb,
    sqs,
    events,
    sns,
    s3,
    logs,
    secrets,
    ssm,
    scheduler,
    cloudwatch,
    lambda,
  ];
  for (const module of modules) {
    const nobody = clientOf(module, "Nobody");
    for (const [name, Command] of Object.entries(module)) {
      if (!/^[A-Z]\w+Command$/.test(name) || LATER.test(name)) continue;
      const { status, said } = await answerTo(nobody, Command as Make<unknown>);
      const answer = `${status} ${said}`;
      if (!REFUSED.test(answer) && !EMPTY.test(answer)) through.push(`${name}: ${answer}`);
    }
    nobody.destroy();
  }
  expect(through).toEqual([]);
});
