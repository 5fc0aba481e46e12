import { gzipSync } from "node:zlib";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Context } from "aws-lambda";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { authorizer } from "./authorizer.ts";
import { bus } from "./bus.ts";
import { logs } from "./logs.ts";
import { queue } from "./queue.ts";
import { schedule } from "./schedule.ts";
import { type StreamChange, stream } from "./stream.ts";

const context = (remaining = 60_000) =>
  ({ awsRequestId: "1", functionName: "f", getRemainingTimeInMillis: () => remaining }) as Context;
const invoke = (handler: unknown, event: unknown, remaining?: number) =>
  (handler as (event: unknown, context: Context) => Promise<unknown>)(event, context(remaining));

describe("the queue door", () => {
  const message = (id: string, body: string) => ({
    messageId: id,
    body,
    eventSource: "aws:sqs",
    attributes: {},
  });

  it("reports those messages that failed or cannot be parsed, and only those", async () => {
    const handled: number[] = [];
    const handler = queue(v.object({ n: v.number() }), async ({ n }) => {
      if (n === 2) throw new Error("no");
      handled.push(n);
    });
    const Records = [
      message("a", '{"n":1}'),
      message("b", '{"n":2}'),
      message("c", "not json"),
      message("d", '{"n":"x"}'),
      message("e", '{"n":3}'),
    ];
    const answer = await invoke(handler, { Records });
    expect(handled).toEqual([1, 3]);
    const { batchItemFailures } = answer as { batchItemFailures: { itemIdentifier: string }[] };
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(["b", "c", "d"]);
  });

  it("reports each when all failed", async () => {
    const handler = queue(v.string(), async () => undefined);
    const answer = await invoke(handler, { Records: [message("a", "{"), message("b", "{")] });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "a" }, { itemIdentifier: "b" }] });
  });
});

describe("the stream door", () => {
  const record = (n: number, extra: object = {}) => ({
    eventID: `event-${n}`,
    dynamodb: { SequenceNumber: `${n}`, NewImage: marshall({ pk: "a", n }) },
    ...extra,
  });

  it("hands over changes in order, several at a time, and stops at the first chunk that fails", async () => {
    const seen: unknown[][] = [];
    const handler = stream(2, async (changes) => {
      if (changes.some(({ after }) => after?.n === 4)) throw new Error("no");
      seen.push(changes.map(({ after }) => after?.n));
    });
    const answer = await invoke(handler, { Records: [1, 2, 3, 4, 5, 6].map((n) => record(n)) });
    expect(seen).toEqual([[1, 2]]);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "3" }] });
  });

  it("tells what TTL deleted from what somebody did", async () => {
    const seen: StreamChange[] = [];
    const handler = stream(10, async (changes) => void seen.push(...changes));
    const userIdentity = { type: "Service", principalId: "dynamodb.amazonaws.com" };
    await invoke(handler, { Records: [record(1), record(2, { userIdentity })] });
    expect(seen.map(({ id, expired }) => [id, expired])).toEqual([
      ["event-1", false],
      ["event-2", true],
    ]);
  });
});

describe("the log door", () => {
  const delivery = (messageType: string, lines: string[]) => ({
    awslogs: {
      data: gzipSync(
        JSON.stringify({ messageType, logEvents: lines.map((message) => ({ message })) }),
      ).toString("base64"),
    },
  });

  it("hands over the lines that have the shape, and skips the others", async () => {
    const seen: number[] = [];
    const handler = logs(
      v.object({ n: v.number() }),
      async (lines) => void seen.push(...lines.map(({ n }) => n)),
    );
    await invoke(handler, delivery("DATA_MESSAGE", ['{"n":1}', "x", '{"n":"1"}', "[]", '{"n":2}']));
    expect(seen).toEqual([1, 2]);
  });

  it("ignores the message by which CloudWatch Logs checks the destination", async () => {
    const seen: unknown[] = [];
    const handler = logs(v.unknown(), async (lines) => void seen.push(lines));
    await invoke(handler, delivery("CONTROL_MESSAGE", ['{"n":1}']));
    expect(seen).toEqual([]);
  });

  it("fails when its handler does, so that the delivery comes again", async () => {
    const handler = logs(v.unknown(), async () => Promise.reject(new Error("no")));
    await expect(invoke(handler, delivery("DATA_MESSAGE", ["1"]))).rejects.toThrow("no");
  });
});

describe("the bus door", () => {
  it("hands over the event's data and id, and refuses another shape", async () => {
    const seen: unknown[] = [];
    const handler = bus(v.object({ n: v.number() }), async (data, id) => void seen.push([data, id]));
    const detail = { id: "e1", at: "2026-11-23T21:00:00Z", data: { n: 1 } };
    await invoke(handler, { detail });
    expect(seen).toEqual([[{ n: 1 }, "e1"]]);
    await expect(invoke(handler, { detail: { ...detail, data: {} } })).rejects.toThrow();
  });
});

describe("the schedule door", () => {
  it("says when time runs out", async () => {
    const seen: boolean[] = [];
    const handler = schedule(async (hasTime) => void seen.push(hasTime()));
    await invoke(handler, {}, 60_000);
    await invoke(handler, {}, 4_000);
    expect(seen).toEqual([true, false]);
  });
});

describe("the authorizer's door", () => {
  const methodArn = "arn:aws:execute-api:us-east-1:000000000000:abc/prod/GET/api/v1/links";
  const handler = authorizer(
    async (token) => (token === "good" ? { id: "u1", name: "ada", groups: ["admins"] } : undefined),
    (user) => ({ userId: user.id }),
  );

  it("allows the whole stage, so that a kept answer serves every route", async () => {
    expect(await invoke(handler, { authorizationToken: "Bearer good", methodArn })).toEqual({
      principalId: "u1",
      context: { userId: "u1" },
      policyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Action: "execute-api:Invoke",
            Effect: "Allow",
            Resource: "arn:aws:execute-api:us-east-1:000000000000:abc/prod/*",
          },
        ],
      },
    });
  });

  it.each(["Bearer bad", "good", "Basic good", "", "Bearer "])(
    "answers %j with the word that means 401",
    async (token) => {
      await expect(invoke(handler, { authorizationToken: token, methodArn })).rejects.toThrow(
        /^Unauthorized$/,
      );
    },
  );
});
