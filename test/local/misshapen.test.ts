import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamodb } from "../../local/services/dynamodb/dynamodb.ts";
import { operations } from "../../local/services/dynamodb/operations.ts";
import { events } from "../../local/services/eventbridge/events.ts";
import { scheduler } from "../../local/services/scheduler/scheduler.ts";
import { table } from "./dynamodb-fixture.ts";
import { graphOf, REGION, type Running, startCloud } from "./gateway-fixture.ts";

// What no SDK would send: a caller's mistake is a caller's error, never a failure of the service.

let running: Running;
beforeAll(async () => {
  running = await startCloud({
    graph: graphOf([table("links", {})]),
    services: [dynamodb, events, scheduler],
  });
});
afterAll(() => running.stop());

const send = async (service: string, path: string, body: string, target?: string) => {
  const { hostname, port, host } = new URL(running.cloud.endpoint);
  const headers = {
    host,
    "content-type": "application/x-amz-json-1.0",
    ...(target ? { "x-amz-target": target } : {}),
  };
  const signer = new SignatureV4({
    service,
    region: REGION,
    sha256: Sha256,
    credentials: running.cloud.credentials.developer,
  });
  const request = { method: "POST", protocol: "http:", hostname, port: Number(port), path, headers, body };
  const signed = await signer.sign(request);
  const answer = await fetch(running.cloud.endpoint + path, {
    method: "POST",
    headers: signed.headers,
    body,
  });
  return {
    status: answer.status,
    type: answer.headers.get("x-amzn-errortype"),
    body: (await answer.json()) as { __type?: string; message?: string },
  };
};

const NO_OBJECTS = ["{", "[]", "null", '"text"', "3"];

describe.each(NO_OBJECTS)("the body %s", (body) => {
  it("is no input of EventBridge", async () => {
    for (const operation of ["PutEvents", "ListRules", "DescribeRule"])
      expect(await send("events", "/", body, `AWSEvents.${operation}`)).toMatchObject({
        status: 400,
        body: { __type: "SerializationException" },
      });
  });

  it("is no input of EventBridge Scheduler", async () => {
    const answer = await send("scheduler", "/schedules/one", body);
    expect(answer).toMatchObject({ status: 400, type: "SerializationException" });
  });

  it("is no input of any operation of DynamoDB", async () => {
    for (const name of operations) {
      const [api, operation] = name.split(":");
      const family = api === "dynamodb" ? "DynamoDB" : "DynamoDBStreams";
      const answer = await send("dynamodb", "/", body, `${family}_20120810.${operation}`);
      expect(answer.body.__type, name).toContain("SerializationException");
      expect(answer.status, name).toBe(400);
    }
  });
});

it("a statement that is missing or empty is refused as AWS validates it", async () => {
  const run = (body: string) => send("dynamodb", "/", body, "DynamoDB_20120810.ExecuteStatement");
  const refusal = (message: string) => ({
    status: 400,
    body: { __type: expect.stringMatching(/#ValidationException$/), message },
  });
  const words = "at 'statement' failed to satisfy constraint: Member must";
  expect(await run("{}")).toMatchObject(
    refusal(`1 validation error detected: Value null ${words} not be null`),
  );
  expect(await run('{"Statement":""}')).toMatchObject(
    refusal(`1 validation error detected: Value '' ${words} have length greater than or equal to 1`),
  );
});

it("no operation of DynamoDB fails for an empty input, or for fields of another type", async () => {
  const bodies: object[] = [
    {},
    { TableName: 3, Statement: 4, StreamArn: 5, ShardIterator: 6 },
    { TableName: {}, Statement: [], StreamArn: true },
    { RequestItems: [], Statements: "x", TransactItems: "x", TransactStatements: {} },
    { RequestItems: { links: null }, Statements: [null], TransactItems: [null], TransactStatements: [3] },
    {
      RequestItems: { links: [3] },
      Statements: [{}],
      TransactItems: [{ Put: null }],
      TransactStatements: [{}],
    },
    {
      RequestItems: { links: {} },
      TransactItems: [{}],
      Statements: [{ Statement: 1 }],
      Statement: "nonsense",
    },
  ];
  for (const name of operations) {
    const [api, operation] = name.split(":");
    for (const body of bodies) {
      const family = api === "dynamodb" ? "DynamoDB" : "DynamoDBStreams";
      const answer = await send("dynamodb", "/", JSON.stringify(body), `${family}_20120810.${operation}`);
      expect(answer.status, `${name} ${JSON.stringify(body)}`).toBeLessThan(500);
    }
  }
});

it.each(["[null]", "[3]", '["x"]', "[[]]"])("entries %s are none that a bus takes", async (entries) => {
  const answer = await send("events", "/", `{"Entries":${entries}}`, "AWSEvents.PutEvents");
  expect(answer).toMatchObject({ status: 400, body: { __type: "SerializationException" } });
});

it("a schedule whose expression is no text is refused", async () => {
  const Target = {
    Arn: "arn:aws:sqs:eu-central-1:123456789012:q",
    RoleArn: "arn:aws:iam::123456789012:role/r",
  };
  const schedule = { ScheduleExpression: 3, FlexibleTimeWindow: { Mode: "OFF" }, Target };
  const answer = await send("scheduler", "/schedules/one", JSON.stringify(schedule));
  expect(answer).toMatchObject({ status: 400, type: "SerializationException" });
});
