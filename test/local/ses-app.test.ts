import { CloudWatchClient, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { byType } from "../../local/graph/graph.ts";
import type { Running } from "../../local/start.ts";
import { startFixtureApp } from "../kit/fixture-app.ts";
import { until } from "./gateway-fixture.ts";

let app: Running;
beforeAll(async () => {
  app = await startFixtureApp("app");
}, 180_000);
afterAll(() => app?.stop());

const config = () => ({
  region: "eu-west-1",
  endpoint: app.cloud.endpoint,
  credentials: app.cloud.credentials.developer,
});

it("a letter that SST's Email sends is in the inbox, and its outcome in a queue", async () => {
  const FunctionName = app.cloud.graph.functions.find((f) => f.component === "WriteLetter")?.name;
  const Payload = JSON.stringify({ to: "bounce@simulator.amazonses.com", subject: "Your books" });
  const answer = await new LambdaClient(config()).send(new InvokeCommand({ FunctionName, Payload }));
  const id = JSON.parse(answer.Payload?.transformToString() ?? "") as string;
  expect(answer.FunctionError, id).toBeUndefined();

  const queue = byType(app.cloud.graph, "aws:sqs/queue:Queue").find((q) => q.name.startsWith("Outcomes"));
  const QueueUrl = String(queue?.outputs.url);
  const sqs = new SQSClient(config());
  const seen: { eventType: string; mail: { messageId: string; sourceArn: string } }[] = [];
  await until(async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    seen.push(...Messages.map(({ Body }) => JSON.parse(Body ?? "")));
    return seen.length === 2;
  });
  expect(seen.map((event) => [event.eventType, event.mail.messageId])).toEqual([
    ["Send", id],
    ["Bounce", id],
  ]);
  const [identity] = byType(app.cloud.graph, "aws:sesv2/emailIdentity:EmailIdentity");
  expect(seen[0]?.mail.sourceArn).toBe(identity?.outputs.arn);

  const list = await (await fetch(`${app.url}/_local/ses/messages?to=bounce@simulator.amazonses.com`)).json();
  expect(list).toMatchObject({
    messages: [{ id, subject: "Your books", from: "desk@local.library.example", status: "Bounce" }],
  });
  const message = await (await fetch(`${app.url}/_local/ses/message?id=${id}`)).json();
  expect(message.html).toContain("<p>Yours, the library</p>");
  expect(message.html).toContain("/_aws/ses/open/");

  const cloudWatch = new CloudWatchClient(config());
  const { Metrics = [] } = await cloudWatch.send(new ListMetricsCommand({ Namespace: "AWS/SES" }));
  expect(Metrics.map(({ MetricName }) => MetricName).sort()).toEqual(["Bounce", "Send"]);
});
