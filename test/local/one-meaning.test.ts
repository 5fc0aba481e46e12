import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requirements } from "../../local/permissions/access/requirements.ts";
import { cloudwatch } from "../../local/services/cloudwatch/cloudwatch.ts";
import { lambdaApi } from "../../local/services/lambda-api/lambda-api.ts";
import { secretsManager } from "../../local/services/secretsmanager/secretsmanager.ts";
import { sns } from "../../local/services/sns/sns.ts";
import { sqs } from "../../local/services/sqs/sqs.ts";
import { ssm } from "../../local/services/ssm/ssm.ts";
import { graphOf, REGION, type Running, startCloud } from "./gateway-fixture.ts";

// A call that says two things at once: what is asked for permission must be what is done.

const MAY = new Set([
  "sns:ListTopics",
  "secretsmanager:GetRandomPassword",
  "cloudwatch:ListMetrics",
  "sqs:ListQueues",
  "lambda:GetFunction",
]);
const graph = graphOf([]);
let running: Running;
beforeAll(async () => {
  running = await startCloud({
    graph,
    services: [
      sns,
      secretsManager,
      sqs,
      (cloud) => ssm(cloud, { secret: () => undefined }),
      (cloud) => cloudwatch(cloud, { queues: () => [], functions: () => [] }),
      lambdaApi as never, // refused before it would need functions
    ],
    before: [
      (call) => {
        const needed = requirements(call, graph);
        return needed?.every(({ action }) => MAY.has(action))
          ? undefined
          : { status: 403, code: "AccessDenied", message: "not let through" };
      },
    ],
  });
});
afterAll(() => running.stop());

const send = async (
  service: string,
  call: { path?: string; query?: Record<string, string>; headers?: Record<string, string>; body: string },
  signed = true,
) => {
  const { hostname, port, host } = new URL(running.cloud.endpoint);
  const { path = "/", query = {}, headers = {}, body } = call;
  const request = {
    method: "POST",
    protocol: "http:",
    hostname,
    port: Number(port),
    path,
    query,
    headers: { host, ...headers },
    body,
  };
  const signer = new SignatureV4({
    service,
    region: REGION,
    credentials: running.cloud.credentials.developer,
    sha256: Sha256,
  });
  const sent = signed ? await signer.sign(request) : request;
  const url = `${running.cloud.endpoint}${path}?${new URLSearchParams(query)}`;
  const answer = await fetch(url, { method: "POST", headers: sent.headers, body });
  return { status: answer.status, text: await answer.text() };
};
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const create = "Action=CreateTopic&Name=stolen";

test.each([
  ["the last of two actions", "sns", { headers: FORM, body: `Action=ListTopics&${create}` }],
  [
    "an action behind another protocol's header",
    "sns",
    { headers: { ...FORM, "x-amz-target": "SNS.ListTopics" }, body: create },
  ],
  [
    "a form that is not called one",
    "sns",
    { query: { Action: "ListTopics" }, headers: { "content-type": "text/plain" }, body: create },
  ],
  [
    "a target without a service",
    "secretsmanager",
    {
      query: { Action: "GetRandomPassword" },
      headers: { "x-amz-target": "CreateSecret", "content-type": "application/x-amz-json-1.1" },
      body: '{"Name":"stolen","ClientRequestToken":"11111111111111111111111111111111"}',
    },
  ],
  [
    "a path that only one side reads",
    "monitoring",
    {
      path: "/service/GraniteServiceVersion20100801/operation/PutDashboard",
      headers: { "x-amz-target": "GraniteServiceVersion20100801.ListMetrics" },
      body: "",
    },
  ],
  [
    "a form behind a path that only one side reads",
    "sqs",
    {
      path: "/service/AmazonSQS/operation/ListQueues",
      headers: { ...FORM, "smithy-protocol": "rpc-v2-cbor" },
      body: "Action=CreateQueue&QueueName=stolen",
    },
  ],
  [
    "the last of two of a queue's actions",
    "sqs",
    { headers: FORM, body: "Action=ListQueues&Action=CreateQueue&QueueName=stolen" },
  ],
  [
    "a path with a query's action",
    "lambda",
    { path: "/2015-03-31/functions/fn/invocations", query: { Action: "GetFunction" }, body: "{}" },
  ],
  [
    "a path with another protocol's header",
    "lambda",
    {
      path: "/2015-03-31/functions/fn/invocations",
      headers: { "x-amz-target": "Lambda.GetFunction" },
      body: "{}",
    },
  ],
])("%s is not let past the permission of what it does", async (_, service, call) => {
  const { status, text } = await send(service, call);
  expect(text).not.toContain("stolen");
  expect(`${status} ${text}`).toMatch(/^4\d\d .*|^200 .*Topics|^200 .*Metrics|^200 .*ListQueuesResult/s);
  const topics = await send("sns", { headers: FORM, body: "Action=ListTopics" });
  expect(topics.text).not.toContain("stolen");
  expect(running.seen).toEqual([]);
});

test("nobody smuggles another action into a call that needs no signature", async () => {
  const { text } = await send(
    "sns",
    { headers: FORM, body: `Action=Unsubscribe&SubscriptionArn=x&${create}` },
    false,
  );
  expect(text).not.toContain("stolen");
  const again = await send(
    "sns",
    { query: { Action: "Unsubscribe" }, headers: { "content-type": "text/plain" }, body: create },
    false,
  );
  expect(again.text).not.toContain("stolen");
  const topics = await send("sns", { headers: FORM, body: "Action=ListTopics" });
  expect(topics.text).not.toContain("stolen");
});
