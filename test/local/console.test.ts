import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Running } from "../../local/start.ts";
import { startFixtureApp } from "../kit/fixture-app.ts";

let app: Running;
beforeAll(async () => {
  app = await startFixtureApp("app");
}, 120_000);
afterAll(() => app.stop());

const see = async <T>(path: string): Promise<T> => {
  const answer = await fetch(`${app.url}/_local/${path}`);
  expect(answer.status, `${path}: ${await answer.clone().text()}`).toBe(200);
  return (await answer.json()) as T;
};
const post = (path: string, input: object, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/_local/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(input),
  });
const act = async <T>(path: string, input: object): Promise<T> => {
  const answer = await post(path, input);
  expect(answer.status, `${path}: ${await answer.clone().text()}`).toBe(200);
  return (await answer.json()) as T;
};

interface Queue {
  readonly name: string;
  readonly ready: number;
  readonly deadLetterOf: readonly string[];
  readonly consumers: readonly string[];
}
const queue = async (part: string): Promise<Queue> => {
  const { queues } = await see<{ queues: Queue[] }>("sqs/queues");
  const found = queues.find(({ name }) => name.includes(part));
  if (!found) throw new Error(`No queue is called ${part}`);
  return found;
};
const arnOf = (component: string) =>
  app.cloud.graph.functions.find((fn) => fn.component === component)?.arn ?? "";
const spansOf = async (traceId: string) => {
  const answer = await fetch(`${app.url}/_local/traces/${traceId}`);
  return answer.ok ? ((await answer.json()) as { spans: { name: string; node: string }[] }).spans : [];
};

it("the index names every part, its views and what can be done", async () => {
  const index = await see<{ parts: { name: string; views: string[]; actions: string[] }[] }>("");
  const part = (name: string) => index.parts.find((one) => one.name === name);
  expect(part("sqs")).toMatchObject({ views: ["queues", "messages", "tasks"] });
  expect(part("sqs")?.actions).toContain("redrive");
  for (const name of ["traces", "logs", "lambda", "dynamodb", "scheduler", "events"])
    expect(part(name)).toBeDefined();
});

it("another site's page can do nothing, whatever name it comes by", async () => {
  const { name } = await queue("Torn");
  const send = (headers: Record<string, string>) => post("sqs/send", { queue: name, body: "x" }, headers);
  expect((await send({ origin: "https://evil.example" })).status).toBe(403);
  expect((await send({ "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await send({ "content-type": "text/plain" })).status).toBe(415);
  expect((await queue("Torn")).ready).toBe(0);
});

describe("queues", () => {
  it("a message that cannot be handled becomes a dead letter, is peeked at, and redriven where it came from", async () => {
    const shelf = await queue("Shelf");
    const { traceId } = await act<{ traceId: string }>("sqs/send", { queue: shelf.name, body: "torn page" });
    const waiting = async () => {
      app.cloud.clock.advance(2_000); // the visibility timeout
      return (await queue("Torn")).ready;
    };
    await expect.poll(waiting, { timeout: 20_000 }).toBe(1);
    const torn = await queue("Torn");
    const look = () =>
      see<{ messages: { body: string; receives: number; trace: string; deadLetterSource: string }[] }>(
        `sqs/messages?queue=${torn.name}`,
      );
    const [letter] = (await look()).messages;
    expect(letter).toMatchObject({ body: "torn page" });
    expect(letter?.trace).toContain(traceId);
    expect(letter?.deadLetterSource).toContain("Shelf");
    expect((await look()).messages).toHaveLength(1); // looking receives nothing
    await act("sqs/redrive", { queue: torn.name });
    const done = async () => {
      const { tasks } = await see<{ tasks: { status: string; moved: number }[] }>(
        `sqs/tasks?queue=${torn.name}`,
      );
      return tasks[0];
    };
    await expect.poll(async () => (await done())?.status).toBe("COMPLETED");
    expect(await done()).toMatchObject({ moved: 1 });
    const names = async () => (await spansOf(traceId)).map(({ name }) => name);
    await expect
      .poll(async () => (await names()).filter((name) => name.startsWith("sqs:redrive")).length)
      .toBeGreaterThanOrEqual(2);
  });

  it("messages are sent, deleted and purged; what is not there is told in a sentence", async () => {
    const { name } = await queue("Lost");
    const { id } = await act<{ id: string }>("sqs/send", { queue: name, body: "one" });
    await act("sqs/send", { queue: name, body: "two" });
    await act("sqs/delete", { queue: name, id });
    expect((await queue("Lost")).ready).toBe(1);
    await act("sqs/purge", { queue: name });
    expect((await queue("Lost")).ready).toBe(0);
    const refused = await post("sqs/send", { queue: "nowhere", body: "x" });
    expect(await refused.json()).toMatchObject({ status: 400, detail: "There is no queue nowhere." });
    expect((await post("sqs/redrive", { queue: (await queue("Shelf")).name })).status).toBe(400);
  });
});

it("a schedule and a rule's target run now, and their traces show what they did", async () => {
  const { schedules } = await see<{ schedules: { arn: string; upcoming: number[] }[] }>(
    "scheduler/schedules",
  );
  const [schedule] = schedules;
  expect(schedule?.upcoming.length).toBeGreaterThan(1);
  const { traceId } = await act<{ traceId: string }>("scheduler/run", { arn: schedule?.arn });
  await expect.poll(async () => (await spansOf(traceId)).length).toBeGreaterThanOrEqual(2);
  const { rules } = await see<{ rules: { name: string; bus: string }[] }>("events/rules");
  const returned = rules.find(({ name }) => name.includes("Returned"));
  const input = { bus: returned?.bus, source: "library", detailType: "returned", detail: { isbn: "1" } };
  const put = await act<{ traceId: string; rules: string[] }>("events/put", input);
  expect(put.rules).toEqual([returned?.name]);
  await expect
    .poll(async () => (await spansOf(put.traceId)).some(({ name }) => name.includes("Returned")))
    .toBe(true);
});

describe("functions, logs and tables", () => {
  it("a function is invoked with an event such as its trigger sends, and its lines are found by pattern", async () => {
    const fn = arnOf("LookUp");
    const { samples } = await see<{ samples: { kind: string; name: string; event: unknown }[] }>(
      `lambda/samples?function=${fn}`,
    );
    expect(samples.map(({ kind, name }) => `${kind} ${name}`)).toContain("api GET /books/{isbn}");
    const ran = await act<{ payload: { statusCode: number }; traceId: string }>("lambda/invoke", {
      function: fn,
      event: samples[0]?.event,
    });
    expect(ran.payload.statusCode).toBe(200);
    const { functions } = await see<{
      functions: { arn: string; logGroup: string; stats: { invocations: number } }[];
    }>("lambda/functions");
    const one = functions.find(({ arn }) => arn === fn);
    expect(one?.stats.invocations).toBeGreaterThanOrEqual(1);
    const lines = (pattern: string, more = "") =>
      see<{ lines: { id: string; message: string; trace?: string }[] }>(
        `logs/lines?group=${one?.logGroup}&pattern=${encodeURIComponent(pattern)}${more}`,
      );
    const reports = (await lines('{ $.type = "platform.report" }')).lines;
    expect(reports.some(({ trace }) => trace === ran.traceId)).toBe(true);
    expect((await lines("", `&after=${(await lines("")).lines.at(-1)?.id}`)).lines).toEqual([]);
    expect((await fetch(`${app.url}/_local/logs/lines?group=${one?.logGroup}&pattern=%7B`)).status).toBe(400);
  });

  it("a table is read by key, by page and by condition; reading leaves no span", async () => {
    const { tables } = await see<{ tables: { name: string; hashKey: string }[] }>("dynamodb/tables");
    const [books] = tables;
    const headers = { authorization: "reader of pages" };
    await fetch(`${app.url}/api/returns/pages`, { method: "POST", headers });
    const before = app.cloud.recorder.recent().filter(({ name }) => name === "dynamodb:Query").length;
    const items = (query: string) =>
      see<{ operation: string; items: { sk: { S: string } }[]; cursor?: string }>(
        `dynamodb/items?table=${books?.name}&${query}`,
      );
    expect(await items("pk=pages&op=begins%20with&sk=ret")).toMatchObject({
      operation: "Query",
      items: [{ sk: { S: "returned" } }],
    });
    expect((await items("pk=pages&op=%3E&sk=returned")).items).toEqual([]);
    expect((await items("")).operation).toBe("Scan");
    const after = app.cloud.recorder.recent().filter(({ name }) => name === "dynamodb:Query").length;
    expect(after).toBe(before);
    await act("dynamodb/delete", { table: books?.name, key: { pk: { S: "pages" }, sk: { S: "returned" } } });
    expect((await items("pk=pages")).items).toEqual([]);
    const wrong = await fetch(`${app.url}/_local/dynamodb/items?table=${books?.name}&index=none&pk=1`);
    expect(await wrong.json()).toMatchObject({ detail: expect.stringContaining("has no index none") });
  });
});
