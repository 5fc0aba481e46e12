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
import { servedOperations } from "../rules/docs/served.ts";

// What local/OPERATIONS.md says is served is answered, and what it says is not is refused by name: asked operation by operation.

let app: Awaited<ReturnType<typeof startFixtureApp>>;
let documented: readonly string[];
beforeAll(async () => {
  app = await startFixtureApp("witness", { permissions: false });
  documented = await servedOperations();
  // S3 looks for the bucket before it looks at what is wanted of it
  const buckets = clientOf(s3);
  const Bucket = "operations";
  const options = { abortSignal: AbortSignal.timeout(5_000) };
  await buckets.send(new s3.CreateBucketCommand({ Bucket }), options);
  await buckets.send(new s3.PutObjectCommand({ Bucket, Key: "keeps-it" }), options);
  buckets.destroy();
}, 180_000);
afterAll(() => app.stop());

interface Client {
  send(command: unknown, options: { abortSignal: AbortSignal }): Promise<unknown>;
  destroy(): void;
}
type Module = Readonly<Record<string, unknown>>;
type Make<T> = new (input: object) => T;

const clientOf = (module: Module): Client => {
  const Make = Object.entries(module).find(([name]) => /^[A-Z]\w+Client$/.test(name))?.[1] as Make<Client>;
  const { credentials, graph, endpoint } = app.cloud;
  const { accessKeyId, secretAccessKey } = credentials.developer;
  return new Make({
    endpoint,
    region: graph.region,
    maxAttempts: 1,
    forcePathStyle: true,
    disableHostPrefix: true,
    credentials: { accessKeyId, secretAccessKey },
  });
};

/** What paths and bodies need so that an operation is told from its neighbours. Only the bucket exists. */
const INPUT: Readonly<Record<string, unknown>> = {
  Bucket: "operations",
  CopySource: "nosuch/nosuch",
  UploadId: "nosuch",
  PartNumber: 1,
  Delete: { Objects: [{ Key: "nosuch" }] },
  RenameSource: "nosuch",
};

// Cognito's calls of browsers bear no signature, and only those that are served are let in without.
const NOT_SERVED =
  /NotImplemented|MissingAuthenticationToken|UnknownOperation|UnsupportedOperation|not serve|InvalidAction/;

/** Whether a call with nothing in it but what its path needs is served; whatever it is then told. */
const isServed = async (client: Client, Command: Make<unknown>, input = INPUT): Promise<boolean> => {
  try {
    await client.send(new Command(input), { abortSignal: AbortSignal.timeout(5_000) });
    return true;
  } catch (error) {
    const { $metadata, name, message } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const label = /HTTP label: (\w+)/.exec(message)?.[1];
    if (label !== undefined && input[label] === undefined)
      return isServed(client, Command, { ...input, [label]: "nosuch" });
    return $metadata?.httpStatusCode !== 501 && !NOT_SERVED.test(`${name} ${message}`);
  }
};

test.each<[string, Module]>([
  ["execute-api", management],
  ["monitoring", cloudwatch],
  ["logs", logs],
  ["cognito-idp", cognito],
  ["dynamodb", dynamodb],
  ["events", events],
  ["lambda", lambda],
  ["s3", s3],
  ["scheduler", scheduler],
  ["secretsmanager", secrets],
  ["ses", ses],
  ["sesv2", sesv2],
  ["sns", sns],
  ["sqs", sqs],
  ["ssm", ssm],
  ["xray", xray],
])("of %s, just what is documented is answered", async (prefix, module) => {
  const client = clientOf(module);
  const answered: string[] = [];
  const known: string[] = [];
  for (const [exported, Command] of Object.entries(module)) {
    const operation = /^([A-Z]\w+)Command$/.exec(exported)?.[1];
    if (operation === undefined) continue;
    known.push(operation);
    if (await isServed(client, Command as Make<unknown>)) answered.push(operation);
  }
  client.destroy();
  const start = `${prefix}:`;
  const named = documented
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length))
    .filter((name) => known.includes(name));
  expect(answered.toSorted()).toEqual(named.toSorted());
});
