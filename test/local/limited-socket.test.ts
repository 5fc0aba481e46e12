import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { policies } from "../../core/limits/policies.schema.ts";
import { define } from "../../core/limits/rules.ts";
import { byType } from "../../local/graph/graph.ts";
import type { App } from "../kit/app.ts";
import { startFixtureApp } from "../kit/fixture-app.ts";
import { newUser } from "../kit/shortener.ts";
import { type Client, connect, refused } from "./websocket-client.ts";

let app: App;
let address: string;

/** One of the app's rules as an admin sets it, before any function has read another: so many in an hour. */
const set = async (name: string, limit: number): Promise<void> => {
  const rule = policies.get(name);
  if (!rule) throw new Error(`there is no rule ${name}`);
  const { burst, ban, ...kept } = rule;
  await define(newUser("admins"), "app", {
    ...kept,
    algorithm: "fixed-window",
    limit,
    window: 3_600,
    lease: 0,
  });
};

beforeAll(async () => {
  app = await startFixtureApp("parlour");
  const { graph, endpoint, credentials } = app.cloud;
  const [api] = byType(graph, "aws:apigatewayv2/api:Api");
  address = `${app.url.replace("http", "ws")}/_aws/execute-api/${api?.id}/$default`;
  const [table] = byType(graph, "aws:dynamodb/table:Table");
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_REGION: graph.region,
    AWS_ACCESS_KEY_ID: credentials.developer.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.developer.secretAccessKey,
    SST_RESOURCE_App: JSON.stringify({ name: "parlour", stage: "local" }),
    SST_RESOURCE_LimitsTable: JSON.stringify({ name: table?.outputs.name, type: "sst.aws.Dynamo" }),
  });
  await set("anonymous-creation", 100);
  await set("password-tries", 3);
  await set("sign-in-tries", 12);
}, 180_000);
afterAll(() => app?.stop());

const kindOf = (message: Record<string, unknown>) => String(message.type).split("#")[1];
const join = (as: string, protocols: string[] = []) => connect(`${address}?as=${as}`, {}, protocols);

describe("a WebSocket behind the product's door", () => {
  it("serves exactly 100 of 1,000 messages at a limit of 100, answers each, and closes nothing", async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, (_, n) => join(`guest-${n}`)));
    const converse = async (client: Client, from: number) => {
      for (let n = 0; n < 100; n++) client.say({ action: "say", id: from + n, text: "hello" });
      const answers: Record<string, unknown>[] = [];
      while (answers.length < 100) answers.push(await client.nextJson());
      return answers;
    };
    const answers = (await Promise.all(clients.map((client, n) => converse(client, n * 100)))).flat();
    const served = answers.filter(({ said }) => said === "hello");
    const denied = answers.filter((answer) => kindOf(answer) === "quota-exceeded");
    expect([served.length, denied.length]).toEqual([100, 900]);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1_000);
    expect(denied[0]).toMatchObject({
      status: 429,
      "violated-policies": ["anonymous-creation"],
      retry_after_ms: expect.any(Number),
    });
    expect(clients.every(({ socket }) => socket.readyState === socket.OPEN)).toBe(true);
    for (const { socket } of clients) socket.close();
  });

  it("answers what is wrong as a problem, with the message's id, and goes on", async () => {
    const client = await join("eve", ["parlour.v1"]);
    expect(client.socket.protocol).toBe("parlour.v1");
    client.say({ action: "other", id: 7 });
    expect(await client.nextJson()).toMatchObject({ type: "/api/v1/problems#not-found", id: 7 });
    client.say("no json");
    expect(kindOf(await client.nextJson())).toBe("not-found");
    client.say({ action: "whisper", id: "a" });
    expect(await client.nextJson()).toMatchObject({
      id: "a",
      status: 400,
      issues: [{ in: "body", pointer: "/to" }],
    });
    client.say({ action: "whisper", to: "crash" });
    const crash = await client.nextJson();
    expect(kindOf(crash)).toBe("internal");
    expect(JSON.stringify(crash)).not.toContain("fire");
    client.socket.close();
  });

  it("counts to one connection what is that connection's, and gives back what does not count", async () => {
    const [one, other] = [await join("bob"), await join("bob")];
    const whisper = async (client: Client, to: string) => {
      client.say({ action: "whisper", to });
      const answer = await client.nextJson();
      return answer.heard ? "heard" : kindOf(answer);
    };
    const heard: string[] = [];
    for (const to of ["ada", "ada", "ada", "ada", "x", "x", "x", "x"])
      heard.push(String(await whisper(one, to)));
    expect(heard).toEqual([...Array(4).fill("heard"), ...Array(3).fill("not-found"), "quota-exceeded"]);
    expect(await whisper(other, "ada")).toBe("heard");
    one.socket.close();
    other.socket.close();
  });

  it("refuses a handshake over the limit with 429, and one that is misshapen with 400", async () => {
    const clients = await Promise.all(Array.from({ length: 12 }, () => join("mallory")));
    const answer = await refused(`${address}?as=mallory`);
    expect(answer.status).toBe(429);
    for (const { socket } of clients) socket.close();
    expect((await refused(`${address}?as=${"m".repeat(21)}`)).status).toBe(400);
  });
});
