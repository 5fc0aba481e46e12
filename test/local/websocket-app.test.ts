import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byType } from "../../local/graph/graph.ts";
import type { Running } from "../../local/start.ts";
import { startFixtureApp } from "../kit/fixture-app.ts";
import { connect, refused } from "./websocket-client.ts";

let app: Running & { lines: string[] };
let address: string;
beforeAll(async () => {
  app = await startFixtureApp("app");
  const [api] = byType(app.cloud.graph, "aws:apigatewayv2/api:Api");
  address = `${app.url.replace("http", "ws")}/_aws/execute-api/${api?.id}/$default`;
}, 180_000);
afterAll(() => app?.stop());

const signed = () => ({ region: "eu-west-1", credentials: app.cloud.credentials.developer, maxAttempts: 1 });
const management = () => {
  const endpoint = address.replace(/^ws:\/\/[^/]+/, app.cloud.endpoint);
  return new ApiGatewayManagementApiClient({ ...signed(), endpoint });
};

describe("what SST would deploy, spoken to by real clients", () => {
  it("says at the start where it listens", () => {
    expect(app.lines.join("\n")).toContain(`  WebSocket      ${address}`);
  });

  it("lets a reader in by the token, and tells every later event who it is", async () => {
    const client = await connect(`${address}?token=ada&room=7`, {}, ["desk.v0", "desk.v1"]);
    expect(client.socket.protocol).toBe("desk.v1");
    client.say({ action: "say", text: "hello" });
    const { said, context } = (await client.nextJson()) as {
      said: string;
      context: APIGatewayProxyWebsocketEventV2["requestContext"] & { authorizer: object };
    };
    expect(said).toBe("hello");
    expect(context.authorizer).toEqual({ principalId: "ada", name: "Reader ada", books: "3" });
    expect(context).toMatchObject({ routeKey: "say", eventType: "MESSAGE", stage: "$default" });
    client.socket.close(1000, "bye");
    const { TableName } = { TableName: byType(app.cloud.graph, "aws:dynamodb/table:Table")[0]?.id };
    const table = DynamoDBDocumentClient.from(
      new DynamoDBClient({ ...signed(), endpoint: app.cloud.endpoint }),
    );
    const Key = { pk: `desk#${context.connectionId}`, sk: "left" };
    await expect
      .poll(async () => (await table.send(new GetCommand({ TableName, Key }))).Item?.event.requestContext)
      .toMatchObject({
        routeKey: "$disconnect",
        eventType: "DISCONNECT",
        disconnectStatusCode: 1000,
        disconnectReason: "bye",
        authorizer: { principalId: "ada" },
      });
    const asked = app.cloud.recorder
      .recent()
      .filter((span) => span.kind === "invoke" && span.node.includes("DeskAuthorizer"));
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["", 401],
    ["?token=", 401],
    ["?token=forged", 401],
    ["?token=banned", 403],
    ["?token=broken", 500],
    ["?token=ada&refuse=418", 418],
  ])("turns away %s with %i", async (query, status) => {
    expect((await refused(`${address}${query}`)).status).toBe(status);
  });

  it("answers over the management API, by the link's address and by the event's own", async () => {
    const client = await connect(`${address}?token=bob`, { headers: { "user-agent": "desk-test" } });
    client.say("just words");
    const linked = await client.nextJson();
    expect(linked).toMatchObject({ url: address, body: "just words", userAgent: "desk-test" });
    expect(linked.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/_aws\/execute-api\//);
    client.say("domain please");
    const named = await client.nextJson();
    expect(named.endpoint).toMatch(
      /^https:\/\/[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com\/\$default$/,
    );
    expect(named.userAgent).toBe("desk-test");
    client.socket.close();
  });

  it("carries one trace from the message into the function and out to the client", async () => {
    const client = await connect(`${address}?token=eve`);
    client.say("trace me");
    await client.next();
    const spans = () => app.cloud.recorder.recent();
    const message = () =>
      spans().findLast((span) => span.name === "MESSAGE $default" && span.detail.bytes === 8);
    await expect.poll(message).toBeDefined();
    const traceId = message()?.traceId;
    const names = () =>
      spans()
        .filter((span) => span.traceId === traceId)
        .map((span) => `${span.kind} ${span.name}`);
    await expect
      .poll(names)
      .toEqual(
        expect.arrayContaining([
          "http MESSAGE $default",
          expect.stringMatching(/^invoke .*DeskRouteDefault/),
          "aws execute-api:PostToConnection",
          "deliver websocket:Send",
        ]),
      );
    client.socket.close();
  });

  it("is managed from outside too: post, look up, disconnect, and then it is gone", async () => {
    const client = await connect(`${address}?token=joe`);
    client.say({ action: "say", text: "" });
    const { context } = (await client.nextJson()) as {
      context: { connectionId: string; connectedAt: number };
    };
    const [ConnectionId, api] = [context.connectionId, management()];
    await api.send(new PostToConnectionCommand({ ConnectionId, Data: "from outside" }));
    expect(await client.next()).toBe("from outside");
    const known = await api.send(new GetConnectionCommand({ ConnectionId }));
    expect(known.ConnectedAt?.getTime()).toBe(context.connectedAt);
    await api.send(new DeleteConnectionCommand({ ConnectionId }));
    expect(await client.closed).toEqual({ code: 1000, reason: "Connection Closed Normally" });
    const late = api.send(new PostToConnectionCommand({ ConnectionId, Data: "late" }));
    await expect(late).rejects.toMatchObject({ name: "GoneException", $metadata: { httpStatusCode: 410 } });
  });

  it("stands on the map, with a way to each of its functions and back from those that post", async () => {
    const map = (await (await fetch(`${app.url}/_local/map`)).json()) as {
      nodes: { id: string; label: string; type: string }[];
      edges: { from: string; to: string; label?: string }[];
    };
    const api = map.nodes.find((node) => node.label === "Desk");
    expect(api?.type).toBe("api");
    const out = map.edges.filter((edge) => edge.from === api?.id).map((edge) => edge.label);
    expect(out.sort()).toEqual(["$connect", "$default", "$disconnect", "authorizes", "say", "shout"]);
    const answer = map.edges.filter((edge) => edge.to === api?.id).map((edge) => edge.from);
    expect(answer).toEqual([expect.stringContaining("DeskRouteDefault")]);
  });

  it("writes the stage's access log", async () => {
    const logs = new CloudWatchLogsClient({ ...signed(), endpoint: app.cloud.endpoint });
    const logGroupName = byType(app.cloud.graph, "aws:cloudwatch/logGroup:LogGroup").find(
      (group) => group.name === "DeskAccessLog",
    )?.outputs.name as string;
    const read = async () => (await logs.send(new FilterLogEventsCommand({ logGroupName }))).events ?? [];
    await expect
      .poll(async () => (await read()).some((line) => line.message?.includes("$connect")))
      .toBe(true);
  });
});

it("a restart closes connections with 1001, tells $disconnect, and does not wait for clients that are gone", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "desk-"));
  const first = await startFixtureApp("app", { dataDir });
  const [api] = byType(first.cloud.graph, "aws:apigatewayv2/api:Api");
  const url = (at: string) => `${at.replace("http", "ws")}/_aws/execute-api/${api?.id}/$default?token=ann`;
  const client = await connect(url(first.url));
  const began = performance.now();
  await first.stop();
  expect(await client.closed).toEqual({ code: 1001, reason: "Going away" });
  expect(performance.now() - began).toBeLessThan(10_000);
  const second = await startFixtureApp("app", { dataDir });
  const again = await connect(url(second.url));
  again.say({ action: "say", text: "back" });
  expect((await again.nextJson()).said).toBe("back");
  await second.stop();
  rmSync(dataDir, { recursive: true });
}, 120_000);
