import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Span } from "../../local/kit/recorder.ts";
import { arnOf } from "../fixtures/lambda/host.ts";
import { type FaultyCloud, startFaultyCloud } from "./faults-fixture.ts";

const MINUTE_MS = 60_000;

let cloud: FaultyCloud;
let loans = 0;
beforeAll(async () => {
  cloud = await startFaultyCloud(3); // the clock is moved by hours, which a client corrects at its second attempt
  await cloud.lambda.build(["lend", "counter"]);
});
afterAll(() => cloud.stop());
afterEach(() => {
  cloud.faults.clear();
  cloud.faults.seed(1);
});

const ask = async (id = `book-${++loans}`) => {
  await cloud.sqs.send(new SendMessageCommand({ QueueUrl: cloud.url("Requests"), MessageBody: id }));
  return id;
};
const runs = (name: string): Span[] =>
  cloud.recorder.recent().filter((span) => span.kind === "invoke" && span.name === name);
const attempts = async (id: string) => Number((await cloud.item(`asked#${id}`))?.attempts?.N ?? 0);
const lent = async (id: string) => (await cloud.item(`loan#${id}`)) !== undefined;
/** Waits until the function has run so often since `before`. */
const ran = (before: number, times: number, name = "lend") =>
  expect.poll(() => runs(name).length - before, { interval: 5 }).toBe(times);
const stats = (name: string) => {
  const found = cloud.lambda.stats().find(({ component }) => component === name);
  if (!found) throw new Error(`No function ${name}`);
  return found;
};
const letters = async () => {
  const command = new ReceiveMessageCommand({ QueueUrl: cloud.url("Lost"), MaxNumberOfMessages: 10 });
  return (await cloud.sqs.send(command)).Messages?.length ?? 0;
};
const settled = () => expect.poll(() => stats("lend").busy + stats("lend").queued).toBe(0);

describe("a crash of a queue's consumer", () => {
  it.each([
    ["before its effect", "before", false],
    ["after its effect", "after", true],
  ] as const)(
    "%s: the message comes again, in a cold environment, and its book is lent once",
    async (_, effect, there) => {
      const before = runs("lend").length;
      const cold = stats("lend").coldStarts;
      cloud.faults.add({
        id: "dies",
        on: { function: "lend", operation: "PutItem" },
        when: { times: 1 },
        fault: { kind: "crash", effect },
      });
      const id = await ask();
      await ran(before, 1);
      expect(runs("lend").at(-1)?.error).toMatch(
        /^Runtime\.ExitError: RequestId: .* Error: Runtime exited with error/,
      );
      expect([await lent(id), await attempts(id)]).toEqual([there, 1]);
      cloud.clock.advance(MINUTE_MS);
      await ran(before, 2);
      expect(runs("lend").at(-1)?.error).toBeUndefined();
      expect(runs("lend").at(-1)?.detail.initMs).toBeGreaterThan(0);
      expect([await lent(id), await attempts(id)]).toEqual([true, 2]);
      expect(stats("lend").coldStarts).toBeGreaterThan(cold);
      cloud.clock.advance(2 * MINUTE_MS);
      await settled();
      expect([runs("lend").length - before, await letters()]).toEqual([2, 0]);
      const call = cloud.recorder.recent().find(({ detail }) => detail.fault === "crash (dies)");
      expect(call).toMatchObject({ kind: "aws", name: "dynamodb:PutItem" });
    },
  );

  it("at the start of its event leaves nothing done; at its end everything, and the message comes again", async () => {
    for (const [effect, done] of [
      ["before", 0],
      ["after", 1],
    ] as const) {
      const before = runs("lend").length;
      const fault = { kind: "crash", effect } as const;
      const rule = cloud.faults.add({ on: { function: "lend", operation: "Run" }, when: { nth: 1 }, fault });
      const id = await ask();
      await ran(before, 1);
      expect(await attempts(id)).toBe(done);
      cloud.clock.advance(MINUTE_MS);
      await ran(before, 2);
      expect([await lent(id), await attempts(id)]).toEqual([true, done + 1]);
      cloud.faults.remove(rule);
    }
  });

  it("at the second call of each event never lets one through: the message dies in its queue", async () => {
    const before = runs("lend").length;
    cloud.faults.add({
      on: { function: "lend", service: "dynamodb" },
      when: { nth: 2, per: "invocation" },
      fault: { kind: "crash", effect: "before" },
    });
    const id = await ask();
    for (let n = 1; n <= 8; n++) {
      await ran(before, n);
      cloud.clock.advance(MINUTE_MS);
    }
    await expect.poll(letters).toBe(1);
    expect([await lent(id), await attempts(id)]).toEqual([false, 8]);
  });
});

describe("a consumer that succeeds", () => {
  it("is handed its message again when the deletion is lost", async () => {
    const before = runs("lend").length;
    cloud.faults.add({
      on: { service: "sqs", operation: "Consume" },
      when: { times: 2 },
      fault: { kind: "duplicate" },
    });
    const id = await ask();
    await ran(before, 3);
    expect([await lent(id), await attempts(id)]).toEqual([true, 3]);
    expect(cloud.faults.log().map(({ kind, target }) => [kind, target])).toEqual([
      ["duplicate", "Requests"],
      ["duplicate", "Requests"],
    ]);
  });

  it("is throttled for a while, and misses nothing", async () => {
    const before = runs("lend").filter(({ error }) => !error).length;
    cloud.faults.add({
      on: { function: "lend", operation: "Run" },
      when: { times: 2 },
      fault: { kind: "throttle" },
    });
    const id = await ask();
    await expect.poll(() => cloud.faults.log().length).toBe(1);
    cloud.clock.advance(1_500);
    await expect.poll(() => cloud.faults.log().length).toBe(2);
    cloud.clock.advance(2_500);
    await expect.poll(() => lent(id)).toBe(true);
    expect(runs("lend").filter(({ error }) => !error).length - before).toBe(1);
    expect(runs("lend").filter(({ detail }) => String(detail.fault).startsWith("throttle")).length).toBe(2);
  });
});

describe("an asynchronous event", () => {
  it("whose environment dies is tried again after a minute", async () => {
    const before = runs("lend").length;
    cloud.faults.add({
      on: { function: "lend", operation: "PutItem" },
      when: { times: 1 },
      fault: { kind: "crash" },
    });
    const id = `book-${++loans}`;
    await cloud.lambda.invokeAsync(arnOf("lend"), { id });
    await ran(before, 1);
    cloud.clock.advance(MINUTE_MS);
    await ran(before, 2);
    expect([await lent(id), await attempts(id)]).toEqual([true, 2]);
    const [first, second] = runs("lend").slice(-2);
    expect(second?.detail.requestId).toBe(first?.detail.requestId);
  });

  it("comes twice", async () => {
    const before = runs("lend").length;
    cloud.faults.add({ on: { operation: "Queue" }, fault: { kind: "duplicate", delays: [0] } });
    const id = `book-${++loans}`;
    await cloud.lambda.invokeAsync(arnOf("lend"), { id });
    await ran(before, 2);
    expect([await lent(id), await attempts(id)]).toEqual([true, 2]);
  });

  it("comes late", async () => {
    const before = runs("counter").length;
    cloud.faults.add({ on: { operation: "Queue" }, fault: { kind: "latency", ms: 10_000 } });
    await cloud.lambda.invokeAsync(arnOf("counter"), {});
    cloud.clock.advance(9_000);
    expect(runs("counter").length).toBe(before);
    cloud.clock.advance(1_000);
    await ran(before, 1, "counter");
  });
});

describe("an invocation", () => {
  it("that takes too long times out, and its environment is replaced", async () => {
    await cloud.lambda.invoke(arnOf("counter"), {});
    cloud.faults.add({
      on: { function: "counter", operation: "Run" },
      when: { times: 1 },
      fault: { kind: "latency", ms: 5_000 },
    });
    const slow = cloud.lambda.invoke(arnOf("counter"), {});
    await expect.poll(() => cloud.faults.log().length).toBe(1);
    cloud.clock.advance(5_000);
    expect((await slow).error).toMatchObject({
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringContaining("Task timed out after 3.00 seconds"),
    });
    const next = await cloud.lambda.invoke(arnOf("counter"), {});
    expect([next.payload, next.initMs === undefined]).toEqual([{ count: 1 }, false]);
  });

  it("times out after its effect: the work is done, the answer is not heard", async () => {
    cloud.faults.add({ on: { function: "lend", operation: "Run" }, fault: { kind: "timeout" } });
    const id = `book-${++loans}`;
    const unheard = cloud.lambda.invoke(arnOf("lend"), { id });
    await expect.poll(() => lent(id)).toBe(true);
    // the handler has ended once it waits for the clock, or is about to: the clock may be moved until it is over
    let over = false;
    void unheard.then(() => (over = true));
    const moveOn = () => {
      cloud.clock.advance(20_000);
      return over;
    };
    await expect.poll(moveOn).toBe(true);
    expect((await unheard).error?.errorType).toBe("Sandbox.Timedout");
  });

  it("finds no environment warm when a rule says so", async () => {
    await cloud.lambda.invoke(arnOf("counter"), {});
    expect((await cloud.lambda.invoke(arnOf("counter"), {})).initMs).toBeUndefined();
    cloud.faults.add({ on: { function: "counter" }, fault: { kind: "cold" } });
    const cold = await cloud.lambda.invoke(arnOf("counter"), {});
    expect([cold.payload, cold.initMs === undefined]).toEqual([{ count: 1 }, false]);
  });

  it("waits for a slow start", async () => {
    cloud.faults.add({ on: { function: "counter" }, when: { times: 1 }, fault: { kind: "cold" } });
    cloud.faults.add({ on: { operation: "Init" }, fault: { kind: "latency", ms: 300 } });
    const { initMs = 0 } = await cloud.lambda.invoke(arnOf("counter"), {});
    expect(initMs).toBeGreaterThanOrEqual(299);
  });

  it("under a clock that is ten minutes slow is refused for its signature once, then corrected by the SDK", async () => {
    cloud.faults.add({ on: { function: "lend" }, fault: { kind: "skew", ms: -10 * MINUTE_MS } });
    cloud.faults.add({ on: { function: "lend" }, when: { times: 1 }, fault: { kind: "cold" } });
    const first = await cloud.lambda.invoke(arnOf("lend"), { id: `book-${++loans}` });
    expect(first.error).toMatchObject({ errorType: "InvalidSignatureException" });
    const id = `book-${++loans}`;
    const { payload, error } = await cloud.lambda.invoke(arnOf("lend"), { id });
    expect([error, await lent(id)]).toEqual([undefined, true]);
    const behind = cloud.clock.now() - (payload as { now: number }).now;
    expect(Math.abs(behind - 10 * MINUTE_MS)).toBeLessThan(5_000);
    cloud.faults.clear();
    await cloud.lambda.invoke(arnOf("lend"), { id }); // the correction is now wrong: refused once more
    const right = await cloud.lambda.invoke(arnOf("lend"), { id: `book-${++loans}` });
    expect(Math.abs(cloud.clock.now() - (right.payload as { now: number }).now)).toBeLessThan(5_000);
  });
});
