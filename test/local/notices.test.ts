import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreatePlatformEndpointCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { byType, type Resource } from "../../local/graph/graph.ts";
import { startFixtureApp } from "../kit/fixture-app.ts";

let app: Awaited<ReturnType<typeof startFixtureApp>>;
const clients: { destroy(): void }[] = [];
beforeAll(async () => {
  process.env.SST_SECRET_Stamp = "blue";
  app = await startFixtureApp("app");
}, 180_000);
afterAll(async () => {
  delete process.env.SST_SECRET_Stamp;
  for (const client of clients) client.destroy();
  await app.stop();
});

const client = <T extends { destroy(): void }>(Make: new (input: object) => T): T => {
  const { accessKeyId, secretAccessKey } = app.cloud.credentials.developer;
  const credentials = { accessKeyId, secretAccessKey };
  const made = new Make({ endpoint: app.cloud.endpoint, region: "eu-west-1", credentials, maxAttempts: 1 });
  clients.push(made);
  return made;
};
const one = (type: string, named: RegExp): Resource => {
  const found = byType(app.cloud.graph, type).find(({ name }) => named.test(name));
  if (!found) throw new Error(`No ${type} like ${named}`);
  return found;
};

describe("A library's notices", () => {
  test("reach the board in full, and the function only when they are urgent", async () => {
    const TopicArn = String(one("aws:sns/topic:Topic", /^Notices/).outputs.arn);
    const [sns, sqs] = [client(SNSClient), client(SQSClient)];
    const publish = (Message: string, StringValue: string) =>
      sns.send(
        new PublishCommand({
          TopicArn,
          Message,
          MessageAttributes: { kind: { DataType: "String", StringValue } },
        }),
      );
    await publish("closed on Monday", "calm");
    await publish("the roof leaks", "urgent");
    const invoked = () =>
      app.cloud.recorder.recent().filter(({ kind, from }) => kind === "invoke" && from === TopicArn);
    await vi.waitFor(() => expect(invoked()).toHaveLength(1), 20_000);
    expect(invoked()[0]?.error).toBeUndefined();
    const QueueUrl = String(one("aws:sqs/queue:Queue", /^Board/).outputs.url).replace(
      /^https:\/\/[^/]+/,
      app.cloud.endpoint,
    );
    const said: string[] = [];
    while (said.length < 2) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 }),
      );
      said.push(...Messages.map(({ Body = "" }) => JSON.parse(Body).Message));
    }
    expect(said.sort()).toEqual(["closed on Monday", "the roof leaks"]);
  });

  test("can go to phones, whose application the stack names", async () => {
    const PlatformApplicationArn = String(
      one("aws:sns/platformApplication:PlatformApplication", /^Phones/).outputs.arn,
    );
    expect(PlatformApplicationArn).toMatch(/^arn:aws:sns:eu-west-1:\d{12}:app\/GCM\/Phones-[0-9a-f]{7}$/);
    const { EndpointArn } = await client(SNSClient).send(
      new CreatePlatformEndpointCommand({ PlatformApplicationArn, Token: "token" }),
    );
    expect(EndpointArn).toContain(":endpoint/GCM/Phones-");
  });

  test("come with the stack's parameter and secret", async () => {
    const Name = "/library/local/opening-hours";
    const { Parameter } = await client(SSMClient).send(new GetParameterCommand({ Name }));
    expect(Parameter?.Value).toBe("9-17");
    const secret = new GetSecretValueCommand({ SecretId: "library/local/vault-key" });
    expect((await client(SecretsManagerClient).send(secret)).SecretString).toBe("sesame");
  });
});
