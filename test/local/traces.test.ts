import { afterAll, beforeAll, expect, it } from "vitest";
import type { Span } from "../../local/kit/recorder.ts";
import type { Running } from "../../local/start.ts";
import { startFixtureApp } from "../kit/fixture-app.ts";

let app: Running;
beforeAll(async () => {
  app = await startFixtureApp("app");
}, 120_000);
afterAll(() => app.stop());

interface Whole {
  readonly spans: readonly Span[];
  readonly linked: readonly { readonly id: string; readonly spans: readonly Span[] }[];
  readonly summary: { readonly coldStarts: number; readonly writeUnits: number };
}

const local = async <T>(path: string): Promise<T> => {
  const answer = await fetch(`${app.url}/_local/${path}`);
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as T;
};

const giveBack = async (isbn: string): Promise<string> => {
  const headers = { authorization: `reader of ${isbn}` }; // the answer is cached by token, and speaks of one path
  const answer = await fetch(`${app.url}/api/returns/${isbn}`, { method: "POST", headers });
  expect(answer.status).toBe(202);
  return /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(answer.headers.get("x-amzn-trace-id") ?? "")?.[1] ?? "";
};

const arnOf = (name: string) => app.cloud.graph.functions.find((fn) => fn.component === name)?.arn;
const component = (part: string) => app.cloud.graph.functions.find((fn) => fn.component.includes(part))?.arn;

/** The names from a span up to the root of its trace. */
const ancestry = (spans: readonly Span[], span: Span | undefined): string[] => {
  if (!span) return [];
  return [
    span.name,
    ...ancestry(
      spans,
      spans.find(({ id }) => id === span.parentId),
    ),
  ];
};

const wholeOnce = async (id: string, ready: (whole: Whole) => boolean): Promise<Whole> => {
  await expect.poll(async () => ready(await local<Whole>(`traces/${id}`)), { timeout: 20_000 }).toBe(true);
  return local<Whole>(`traces/${id}`);
};

it("a request is one tree: door, API, authorizer, function, its calls, and what they led to", async () => {
  const id = await giveBack("978-1");
  const [shelve, note] = [component("Shelf"), component("Returned")];
  const whole = await wholeOnce(id, ({ spans }) =>
    [shelve, note].every((arn) => spans.some(({ node }) => node === arn)),
  );
  const { spans } = whole;
  const roots = spans.filter(({ parentId }) => !spans.some((other) => other.id === parentId));
  expect(roots.map(({ name, node }) => [name, node.split(":")[2]])).toEqual([
    ["POST /api/returns/978-1", "cloudfront"],
  ]);
  const of = (arn: string | undefined) => spans.find(({ node, kind }) => node === arn && kind === "invoke");
  const door = "POST /api/returns/978-1";
  const fn = of(arnOf("GiveBack"));
  expect(ancestry(spans, fn).slice(1)).toEqual([door, door]);
  expect(ancestry(spans, of(arnOf("Authorize"))).slice(1)).toEqual([door, door]);
  const calls = spans
    .filter(({ kind, parentId }) => kind === "aws" && parentId === fn?.id)
    .map(({ name }) => name);
  expect(calls).toEqual(["dynamodb:PutItem", "sqs:SendMessage", "events:PutEvents"]);
  expect(ancestry(spans, of(shelve)).slice(1, 3)).toEqual(["sqs:SendMessage", fn?.name]);
  expect(ancestry(spans, of(note)).slice(1)).toEqual([
    expect.stringMatching(/^events:Match /),
    "events:PutEvents",
    fn?.name,
    door,
    door,
  ]);
  expect(whole.summary.writeUnits).toBeGreaterThanOrEqual(1);
});

it("what a stream and a log subscription start has its own trace, linked to the one that wrote", async () => {
  const id = await giveBack("978-2");
  const [changes, tally] = [component("Changes"), arnOf("TallyReturns")];
  const reached = ({ linked }: Whole, arn: string | undefined) =>
    linked.find(({ spans }) => spans.some(({ node }) => node === arn));
  const whole = await wholeOnce(id, (one) => Boolean(reached(one, changes) && reached(one, tally)));
  expect(reached(whole, changes)?.id).not.toBe(id);
  const back = await local<{ causes: string[] }>(`traces/${reached(whole, changes)?.id}`);
  expect(back.causes).toContain(id);
});

it("a function's lines stand in the trace, wherever in it they were written", async () => {
  const id = await giveBack("978-3");
  const lines = async () => (await local<{ lines: { message: string }[] }>(`logs/trace?id=${id}`)).lines;
  await expect.poll(async () => (await lines()).map(({ message }) => message).join("\n")).toContain("978-3");
  await expect
    .poll(async () => (await lines()).some(({ message }) => message.includes("handler")))
    .toBe(true);
});

it("tries of one call are told apart, and so are cold starts", async () => {
  const id = await giveBack("978-4");
  const { spans } = await local<Whole>(`traces/${id}`);
  const [call] = spans.filter(({ name }) => name === "dynamodb:PutItem");
  expect(call?.detail).toMatchObject({ attempt: 1, invocationId: expect.any(String) });
  const { traces } = await local<{ traces: { coldStarts: number }[] }>("traces?path=/returns");
  expect(traces.some(({ coldStarts }) => coldStarts > 0)).toBe(true);
});

it("a call that was throttled on purpose stands there with its fault, and its second try beside it", async () => {
  const rule = app.cloud.faults.add({
    on: { service: "dynamodb", operation: "PutItem", function: "GiveBack" },
    when: { nth: 1 },
    fault: { kind: "throttle" },
  });
  const id = await giveBack("978-5");
  app.cloud.faults.remove(rule);
  const { spans, summary } = await local<Whole & { summary: { retries: number; faults: number } }>(
    `traces/${id}`,
  );
  const tries = spans.filter(({ name }) => name === "dynamodb:PutItem");
  expect(tries.map(({ detail }) => detail.attempt)).toEqual([1, 2]);
  expect(tries[0]).toMatchObject({ error: expect.any(String), detail: { fault: expect.any(String) } });
  expect(new Set(tries.map(({ detail }) => detail.invocationId)).size).toBe(1);
  expect(summary).toMatchObject({ retries: 1, faults: 1 });
});

it("every answer of the front door names its trace, errors and files too", async () => {
  for (const path of ["/api/books/1", "/api/nothing", "/no-such-file", "/"]) {
    const answer = await fetch(`${app.url}${path}`);
    expect(answer.headers.get("x-amzn-trace-id"), path).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/);
  }
});
