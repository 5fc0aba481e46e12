import { describe, expect, it } from "vitest";
import { idsOf } from "../ids.ts";
import type { Made } from "./kind.ts";
import { computeOutputs, physicalName } from "./outputs.ts";

const made = (type: string, inputs: Record<string, unknown> = {}, physical = "thing"): Made => ({
  type,
  name: "Thing",
  physical,
  inputs,
  region: "us-east-1",
  account: "000000000000",
  ids: idsOf(`urn:${type}`),
  find: () => undefined,
});

describe("A type nobody listed", () => {
  it("answers what its class promises: an ARN of its service, an id of its kind, the account", () => {
    const { id, outputs } = computeOutputs(
      made("aws:ec2/subnet:Subnet"),
      ["arn", "ownerId", "tagsAll", "somethingElse"],
      undefined,
      { app: "library" },
    );
    expect(id).toMatch(/^subnet-[0-9a-f]{17}$/);
    expect(outputs).toEqual({
      id,
      arn: `arn:aws:ec2:us-east-1:000000000000:subnet/${id}`,
      ownerId: "000000000000",
      tagsAll: { app: "library" },
    });
  });

  it("keeps what was stated, and lets its own tags win over the provider's", () => {
    const { outputs } = computeOutputs(
      made("aws:sfn/somethingNew:SomethingNew", { arn: "stated", tags: { app: "own" } }),
      ["arn", "tagsAll"],
      "name",
      { app: "library", stage: "local" },
    );
    expect(outputs).toMatchObject({ arn: "stated", name: "thing", tagsAll: { app: "own", stage: "local" } });
  });
});

describe("A listed type", () => {
  it("answers no more than it knows: a table without a stream has no stream's ARN", () => {
    const promised = ["arn", "streamArn", "streamLabel"];
    const still = computeOutputs(made("aws:dynamodb/table:Table"), promised, "name", {});
    expect(Object.keys(still.outputs).sort()).toEqual(["arn", "id", "name"]);
    const flowing = made("aws:dynamodb/table:Table", { streamEnabled: true });
    expect(computeOutputs(flowing, promised, "name", {}).outputs.streamArn).toMatch(/table\/thing\/stream\//);
  });
});

describe("The name in AWS", () => {
  const base = ({ physical: _, ...rest }: Made) => rest;
  it("is the stated one, else the logical one with seven digits, in the property its class has", () => {
    const queue = base(made("aws:sqs/queue:Queue", { fifoQueue: true }));
    expect(physicalName(queue, ["name"])).toEqual({
      property: "name",
      physical: expect.stringMatching(/^Thing-[0-9a-f]{7}\.fifo$/),
    });
    expect(physicalName({ ...queue, inputs: { name: "mine" } }, ["name"]).physical).toBe("mine");
    expect(physicalName(base(made("aws:s3/bucket:Bucket")), ["bucket"]).physical).toMatch(/^thing-/);
    expect(physicalName(base(made("aws:iam/rolePolicy:RolePolicy")), []).property).toBeUndefined();
  });
});
