import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { S3Event } from "aws-lambda";
import { afterEach, describe, expect, it } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import { ACCOUNT, REGION, type Running, until } from "./gateway-fixture.ts";
import { about, bucketResource, clientFor, startS3 } from "./s3-kit.ts";

const DAY = 86_400_000;

describe("Lifecycle rules", () => {
  let running: Running;
  let s3: S3Client;
  const start = async (rules: object[], more: Resource[] = []) => {
    running = await startS3([
      bucketResource("old"),
      about("bucketLifecycleConfiguration", "old", { rules }),
      ...more,
    ]);
    s3 = clientFor(running, { systemClockOffset: 0 });
  };
  afterEach(async () => {
    s3.destroy();
    await running.stop();
  });

  // the SDK reads its clock anew for each client: one that was moved by days would be skewed
  const days = (count: number) => {
    running.clock.advance(count * DAY);
    s3.destroy();
    s3 = clientFor(running, { systemClockOffset: running.clock.now() - Date.now() });
  };
  const put = (Key: string, more: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket: "old", Key, Body: "text", ...more }));
  const keys = async () =>
    ((await s3.send(new ListObjectsV2Command({ Bucket: "old" }))).Contents ?? []).map(({ Key }) => Key);
  const versions = async () => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: "old" }),
    );
    return [Versions.length, DeleteMarkers.length];
  };
  const versioned = about("bucketVersioning", "old", { versioningConfiguration: { status: "Enabled" } });

  it("expire what fits their filter, at the midnight after its days, and say so beforehand", async () => {
    await start([
      { id: "tmp rule", status: "Enabled", filter: { prefix: "tmp/" }, expiration: { days: 3 } },
      { id: "off", status: "Disabled", filter: { prefix: "" }, expiration: { days: 1 } },
      {
        id: "tag",
        status: "Enabled",
        filter: { and: { prefix: "", tags: { keep: "no" } } },
        expiration: { days: 1 },
      },
      { id: "big", status: "Enabled", filter: { objectSizeGreaterThan: 100 }, expiration: { days: 1 } },
    ]);
    const made = await put("tmp/a");
    const due = (Math.floor((running.clock.now() + 3 * DAY) / DAY) + 1) * DAY;
    expect(made.Expiration).toBe(`expiry-date="${new Date(due).toUTCString()}", rule-id="tmp%20rule"`);
    await put("kept", { Tagging: "keep=yes" });
    await put("tagged", { Tagging: "keep=no" });
    await put("big", { Body: "x".repeat(101) });
    expect((await s3.send(new HeadObjectCommand({ Bucket: "old", Key: "tmp/a" }))).Expiration).toBe(
      made.Expiration,
    );
    days(2);
    await until(async () => (await keys()).length === 2);
    expect(await keys()).toEqual(["kept", "tmp/a"]);
    days(2);
    await until(async () => (await keys()).length === 1);
    expect(await keys()).toEqual(["kept"]);
  });

  it("leave a marker where versions are kept, delete old versions but the newest few, and lone markers", async () => {
    await start(
      [
        {
          id: "v",
          status: "Enabled",
          filter: { prefix: "v/" },
          noncurrentVersionExpiration: { noncurrentDays: 2, newerNoncurrentVersions: 1 },
        },
        {
          id: "m",
          status: "Enabled",
          filter: { prefix: "m/" },
          expiration: { expiredObjectDeleteMarker: true },
          noncurrentVersionExpiration: { noncurrentDays: 1 },
        },
      ],
      [versioned],
    );
    for (let i = 0; i < 4; i++) await put("v/a");
    await put("m/b");
    await s3.send(new DeleteObjectCommand({ Bucket: "old", Key: "m/b" }));
    expect(await versions()).toEqual([5, 1]);
    days(2);
    await until(async () => (await versions())[0] === 4);
    days(2);
    await until(async () => (await versions()).join() === "2,0");
  });

  it("tell of what they expire", async () => {
    const queue = `arn:aws:sqs:${REGION}:${ACCOUNT}:inbox`;
    await start(
      [{ id: "all", status: "Enabled", filter: { prefix: "" }, expiration: { days: 1 } }],
      [
        versioned,
        about("bucketNotification", "old", {
          queues: [{ id: "q", queueArn: queue, events: ["s3:LifecycleExpiration:*"] }],
        }),
      ],
    );
    await put("a");
    days(3);
    const records = () =>
      running.delivered.flatMap(
        ({ delivery }) => (JSON.parse(delivery.body) as Partial<S3Event>).Records ?? [],
      );
    const [record] = await until(() => (records().length > 0 ? records() : undefined));
    expect(record).toMatchObject({
      eventVersion: "2.3",
      eventName: "LifecycleExpiration:DeleteMarkerCreated",
      userIdentity: { principalId: "s3.amazonaws.com" },
      requestParameters: { sourceIPAddress: "s3.amazonaws.com" },
      s3: { object: { key: "a" } },
    });
    expect(record?.s3.object.size).toBeUndefined();
  });

  it("give up uploads that nobody finishes", async () => {
    await start([
      {
        id: "tidy",
        status: "Enabled",
        filter: { prefix: "" },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
    ]);
    const begun = await s3.send(new CreateMultipartUploadCommand({ Bucket: "old", Key: "half" }));
    expect(begun.AbortRuleId).toBe("tidy");
    expect(begun.AbortDate?.getTime()).toBe((Math.floor((running.clock.now() + DAY) / DAY) + 1) * DAY);
    days(3);
    await until(
      async () =>
        ((await s3.send(new ListMultipartUploadsCommand({ Bucket: "old" }))).Uploads ?? []).length === 0,
    );
  });

  it("are set by API as they are told, and refused where S3 refuses them", async () => {
    await start([{ id: "a", status: "Enabled", filter: { prefix: "" }, expiration: { days: 9 } }]);
    const set = (Rules: LifecycleRule[]) =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({ Bucket: "old", LifecycleConfiguration: { Rules } }),
      );
    const rules: LifecycleRule[] = [
      {
        ID: "one",
        Status: "Enabled",
        Filter: { And: { Prefix: "p/", Tags: [{ Key: "k", Value: "v" }] } },
        Expiration: { Days: 4 },
      },
      {
        ID: "two",
        Status: "Disabled",
        Filter: { Prefix: "" },
        Transitions: [{ Days: 30, StorageClass: "GLACIER" }],
      },
      {
        ID: "three",
        Status: "Enabled",
        Filter: { Prefix: "x" },
        Expiration: { Date: new Date("2030-01-01") },
        NoncurrentVersionExpiration: { NoncurrentDays: 3, NewerNoncurrentVersions: 2 },
      },
    ];
    await set(rules);
    expect((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: "old" }))).Rules).toEqual(
      rules,
    );
    const rule = { Status: "Enabled" as const, Filter: { Prefix: "" } };
    await expect(set([{ ...rule, Expiration: { Days: 0 } }])).rejects.toThrow(
      "'Days' for Expiration action must be a positive integer",
    );
    await expect(set([{ ...rule, Expiration: { Date: new Date("2030-01-01T10:00:00Z") } }])).rejects.toThrow(
      "'Date' must be at midnight GMT",
    );
    await expect(set([rule])).rejects.toThrow("At least one action needs to be specified in a rule");
    await expect(
      set([
        { ...rule, ID: "x", Expiration: { Days: 1 } },
        { ...rule, ID: "x", Expiration: { Days: 2 } },
      ]),
    ).rejects.toThrow("Rule ID must be unique");
  });
});
