import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCredentials } from "../../local/kit/credentials.ts";
import { until } from "./gateway-fixture.ts";

// A real process, really killed: whatever was answered before is there, and comes to its end, after the next start.

const dataDir = mkdtempSync(join(tmpdir(), "killed-"));
const obstacle = `${dataDir}.obstacle`;
const children: ChildProcess[] = [];

interface Outputs {
  readonly seen: string;
  readonly direct: string;
  readonly topic: string;
  readonly bus: string;
  readonly bucket: string;
}

const kill = async (child: ChildProcess) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
};

const serve = async () => {
  const child = fork(join(import.meta.dirname, "../kit/cloud-child.ts"), ["survivor", dataDir]);
  children.push(child);
  const ended = once(child, "exit").then(() => Promise.reject(new Error("the cloud ended")));
  ended.catch(() => {}); // it is meant to, later
  const [{ endpoint, outputs }] = (await Promise.race([once(child, "message"), ended])) as [
    { endpoint: string; outputs: Outputs },
  ];
  const { accessKeyId, secretAccessKey } = createCredentials().developer;
  const config = {
    endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 2, // the second by the clock of the cloud, which a test moves
  };
  return {
    child,
    outputs,
    lambda: new LambdaClient(config),
    sns: new SNSClient(config),
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
    events: new EventBridgeClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    secrets: new SecretsManagerClient(config),
    ssm: new SSMClient(config),
  };
};
type Cloud = Awaited<ReturnType<typeof serve>>;

const invoke = ({ lambda, outputs }: Cloud, event: object) =>
  lambda.send(
    new InvokeCommand({
      FunctionName: outputs.direct,
      InvocationType: "Event",
      Payload: Buffer.from(JSON.stringify(event)),
    }),
  );

/** Every way an event is accepted. */
const WAYS: Readonly<Record<string, (cloud: Cloud, id: string) => Promise<unknown>>> = {
  direct: (cloud, id) => invoke(cloud, { id }),
  topic: ({ sns, outputs }, id) => sns.send(new PublishCommand({ TopicArn: outputs.topic, Message: id })),
  bucket: ({ s3, outputs }, id) =>
    s3.send(new PutObjectCommand({ Bucket: outputs.bucket, Key: id, Body: id })),
  bus: ({ events, outputs }, id) =>
    events.send(
      new PutEventsCommand({
        Entries: [
          { EventBusName: outputs.bus, Source: "test", DetailType: "told", Detail: JSON.stringify({ id }) },
        ],
      }),
    ),
};

const seen = new Map<string, number>();
/** Takes what was written down, and counts it. */
const collect = async ({ sqs, outputs }: Cloud) => {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: outputs.seen, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  for (const { Body = "" } of Messages) seen.set(Body, (seen.get(Body) ?? 0) + 1);
  const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
  if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: outputs.seen, Entries }));
};

/** Runs `act` with 0, 1, 2, … until the cloud is killed; tells of each that was answered. */
const again = async (act: (n: number) => Promise<unknown>, answered: (n: number) => void) => {
  for (let n = 0; !killed; n++) {
    const ok = await act(n).catch(() => undefined);
    if (ok) answered(n);
  }
};

let killed = false;
let second: Cloud;
const accepted = new Set<string>();
let [secret, parameter] = [0, 0];

beforeAll(async () => {
  const first = await serve();
  writeFileSync(obstacle, "");
  await invoke(first, { id: "late", failsWhile: obstacle });
  await until(() => /"failures":1/.test(readFileSync(join(dataDir, "lambda/events.jsonl"), "utf8")), 30_000);
  await first.secrets.send(new CreateSecretCommand({ Name: "s", SecretString: "0" }));
  const writers = [
    ...Object.entries(WAYS).map(([way, send]) =>
      again(
        (n) => send(first, `${way}-${n}`),
        (n) => void accepted.add(`${way}-${n}`),
      ),
    ),
    again(
      (n) => first.secrets.send(new PutSecretValueCommand({ SecretId: "s", SecretString: String(n) })),
      (n) => {
        secret = n;
      },
    ),
    again(
      (n) =>
        first.ssm.send(
          new PutParameterCommand({ Name: "p", Value: String(n), Type: "String", Overwrite: true }),
        ),
      (n) => {
        parameter = n;
      },
    ),
  ];
  await until(() => accepted.size > 200 && secret > 20 && parameter > 20, 60_000);
  first.child.kill("SIGKILL");
  killed = true;
  await Promise.all(writers);
  rmSync(obstacle);
  second = await serve();
}, 240_000);

afterAll(async () => {
  for (const child of children) await kill(child);
  rmSync(dataDir, { recursive: true, force: true });
});

test("secrets and parameters are there after a kill, as they were answered last", async () => {
  const { SecretString } = await second.secrets.send(new GetSecretValueCommand({ SecretId: "s" }));
  const { Parameter } = await second.ssm.send(new GetParameterCommand({ Name: "p" }));
  // One more may have been kept, and its answer have been lost.
  expect([secret, secret + 1]).toContain(Number(SecretString));
  expect([parameter, parameter + 1]).toContain(Number(Parameter?.Value));
});

test("a killed cloud loses nothing it accepted, however the event came, and repeats little", async () => {
  const missing = () => [...accepted].filter((id) => !seen.has(id));
  await until(async () => {
    await collect(second);
    return missing().length === 0;
  }, 60_000).catch(() => {});
  expect(missing()).toEqual([]);
  // Only what was under way is told twice.
  expect([...accepted].filter((id) => (seen.get(id) ?? 0) > 1).length).toBeLessThan(accepted.size / 2);
}, 90_000);

test("an event that waits for its retry is tried again, though the clock leapt over its age", async () => {
  expect(seen.has("late")).toBe(false);
  second.child.send({ advance: 7 * 3_600_000 });
  await until(async () => {
    await collect(second);
    second.child.send({ advance: 60_000 }); // an attempt that a busy machine fails is followed by one more
    return seen.has("late");
  }, 45_000);
}, 60_000);
