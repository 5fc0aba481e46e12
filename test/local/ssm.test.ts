import { writeFileSync } from "node:fs";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  ListDocumentsCommand,
  ListTagsForResourceCommand,
  type ParameterType,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  SSMClient,
  UnlabelParameterVersionCommand,
} from "@aws-sdk/client-ssm";
import { afterEach, describe, expect, test } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import type { AwsService } from "../../local/kit/cloud.ts";
import { type SecretsService, secretsManager } from "../../local/services/secretsmanager/secretsmanager.ts";
import { ssm } from "../../local/services/ssm/ssm.ts";
import { killed } from "./sns-fixture.ts";
import { resource, startHarness, temporaryDirectory } from "./sqs-harness.ts";

const startSsm = async (resources: Resource[] = [], options: { dataDir?: string } = {}) => {
  let [secrets, service]: [SecretsService | undefined, AwsService | undefined] = [undefined, undefined];
  const harness = await startHarness({
    resources,
    services: [
      (cloud) => {
        secrets = secretsManager(cloud);
        return secrets;
      },
      (cloud) => {
        service = ssm(cloud, { secret: (id, caller) => secrets?.current(id, caller) });
        return service;
      },
    ],
    ...options,
  });
  const { accessKeyId, secretAccessKey } = harness.cloud.credentials.developer;
  const config = {
    endpoint: harness.cloud.endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 2,
  };
  const [client, secretsClient] = [new SSMClient(config), new SecretsManagerClient(config)];
  return {
    ...harness,
    client,
    secretsClient,
    view: () => service?.views?.parameters?.(new URLSearchParams()),
    reveal: (name: string) => service?.actions?.reveal?.({ name }),
    async stop() {
      client.destroy();
      secretsClient.destroy();
      await harness.stop();
    },
  };
};

let cloud: Awaited<ReturnType<typeof startSsm>>;
const folders: { remove(): void }[] = [];
const kept = <T extends { remove(): void }>(folder: T): T => {
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  await cloud.stop();
  for (const folder of folders.splice(0)) folder.remove();
});

const start = async (...args: Parameters<typeof startSsm>) => {
  cloud = await startSsm(...args);
};
const put = (Name: string, Value: string, more: object = {}) =>
  cloud.client.send(new PutParameterCommand({ Name, Value, Type: "String", ...more }));
const get = async (Name: string, WithDecryption = false) =>
  (await cloud.client.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
const overwrite = { Overwrite: true };
const parameter = (name: string, value: string, inputs = {}): Resource =>
  resource("aws:ssm/parameter:Parameter", name, { name, type: "String", value, ...inputs }, { name });

describe("A parameter", () => {
  test("has a value, an ARN and a version that each change raises", async () => {
    await start();
    expect(await put("/app/url", "a")).toMatchObject({ Version: 1, Tier: "Standard" });
    await expect(put("/app/url", "b")).rejects.toMatchObject({
      name: "ParameterAlreadyExists",
      message: expect.stringContaining("To overwrite this value, set the overwrite option"),
    });
    expect((await put("/app/url", "b", overwrite)).Version).toBe(2);
    const arn = "arn:aws:ssm:eu-central-1:000000000000:parameter/app/url";
    expect(await get("/app/url")).toMatchObject({
      Value: "b",
      Version: 2,
      Type: "String",
      ARN: arn,
      DataType: "text",
    });
    expect(await get(arn)).toMatchObject({ Value: "b" });
    expect(await get("/app/url:1")).toMatchObject({ Value: "a", Version: 1, Selector: ":1" });
    await expect(get("/app/url:9")).rejects.toMatchObject({
      name: "ParameterVersionNotFound",
      message: "Systems Manager could not find version 9 of /app/url. Verify the version and try again.",
    });
    await expect(get("/none")).rejects.toMatchObject({
      name: "ParameterNotFound",
      message: "Parameter /none not found.",
    });
  });

  test("that is secure is opaque until it is asked for decrypted, and in the console", async () => {
    await start();
    await put("/key", "very secret", { Type: "SecureString" });
    const sealed = await get("/key");
    expect(sealed?.Value).not.toContain("very secret");
    expect(Buffer.from(sealed?.Value ?? "", "base64").toString()).not.toContain("very secret");
    expect((await get("/key", true))?.Value).toBe("very secret");
    expect(JSON.stringify([cloud.view(), cloud.printed, cloud.recorder.recent()])).not.toContain(
      "very secret",
    );
    expect(cloud.reveal("/key")).toEqual({ name: "/key", value: "very secret" });
  });

  test("is read by path, a level or the whole hierarchy, ten at a time", async () => {
    await start();
    for (let i = 0; i < 12; i++) await put(`/app/${i}`, "x", i === 0 ? { Type: "StringList" } : {});
    await put("/app/deep/er", "x");
    await put("/apple", "x");
    const list = (more = {}) => cloud.client.send(new GetParametersByPathCommand({ Path: "/app", ...more }));
    const first = await list();
    expect(first.Parameters).toHaveLength(10);
    expect((await list({ NextToken: first.NextToken })).Parameters).toHaveLength(2);
    expect((await list({ Recursive: true, NextToken: first.NextToken })).Parameters).toHaveLength(3);
    const filter = { ParameterFilters: [{ Key: "Type", Values: ["StringList"] }] };
    expect((await list(filter)).Parameters?.map(({ Name }) => Name)).toEqual(["/app/0"]);
    await expect(list({ Path: "app" })).rejects.toThrow("must begin with a forward slash");
    await expect(list({ MaxResults: 11 })).rejects.toThrow("less than or equal to 10");
    await expect(list({ NextToken: "x" })).rejects.toMatchObject({ name: "InvalidNextToken" });
  });

  test("is fetched with others, the missing ones named", async () => {
    await start();
    await put("a", "1");
    await put("b", "2");
    await put("b", "3", overwrite);
    const { Parameters, InvalidParameters } = await cloud.client.send(
      new GetParametersCommand({ Names: ["a", "none", "b:1", "b:7"] }),
    );
    expect(Parameters?.map(({ Value }) => Value)).toEqual(["1", "2"]);
    expect(InvalidParameters).toEqual(["none", "b:7"]);
    await expect(
      cloud.client.send(new GetParametersCommand({ Names: Array.from({ length: 11 }, (_, i) => `p${i}`) })),
    ).rejects.toThrow("length less than or equal to 10");
  });

  test("keeps a hundred versions, unless a label holds the oldest", async () => {
    await start();
    await put("p", "0");
    for (let i = 1; i < 101; i++) await put("p", String(i), overwrite);
    const history = async (NextToken?: string) =>
      cloud.client.send(new GetParameterHistoryCommand({ Name: "p", NextToken }));
    const first = await history();
    const second = await history(first.NextToken);
    expect([first.Parameters?.[0]?.Version, second.Parameters?.at(-1)?.Version]).toEqual([2, 101]);
    await cloud.client.send(
      new LabelParameterVersionCommand({ Name: "p", ParameterVersion: 2, Labels: ["keep"] }),
    );
    await expect(put("p", "x", overwrite)).rejects.toMatchObject({
      name: "ParameterMaxVersionLimitExceeded",
    });
  });

  test("is found by labels, which move from version to version", async () => {
    await start();
    await put("p", "one");
    await put("p", "two", overwrite);
    const label = (ParameterVersion: number, ...Labels: string[]) =>
      cloud.client.send(new LabelParameterVersionCommand({ Name: "p", ParameterVersion, Labels }));
    expect((await label(1, "prod", "1bad", "aws-bad")).InvalidLabels).toEqual(["1bad", "aws-bad"]);
    expect((await get("p:prod"))?.Value).toBe("one");
    await label(2, "prod");
    expect((await get("p:prod"))?.Value).toBe("two");
    await expect(label(2, ...Array.from({ length: 10 }, (_, i) => `l${i}`))).rejects.toThrow(
      "maximum of ten labels",
    );
    await cloud.client.send(
      new UnlabelParameterVersionCommand({ Name: "p", ParameterVersion: 2, Labels: ["prod"] }),
    );
    await expect(get("p:prod")).rejects.toThrow("could not find label prod for parameter p");
  });

  test("is described by its tags, path and name, and deleted", async () => {
    await start();
    await put("/app/a", "1", { Tags: [{ Key: "team", Value: "blue" }], Description: "First" });
    await put("/app/deep/b", "2", { Type: "SecureString" });
    const found = async (...ParameterFilters: { Key: string; Option?: string; Values?: string[] }[]) =>
      (await cloud.client.send(new DescribeParametersCommand({ ParameterFilters }))).Parameters?.map(
        ({ Name }) => Name,
      );
    expect(await found({ Key: "tag:team", Values: ["blue"] })).toEqual(["/app/a"]);
    expect(await found({ Key: "Path", Values: ["/app"] })).toEqual(["/app/a"]);
    expect(await found({ Key: "Path", Option: "Recursive", Values: ["/app"] })).toHaveLength(2);
    expect(await found({ Key: "Name", Option: "Contains", Values: ["deep"] })).toEqual(["/app/deep/b"]);
    expect(await found({ Key: "KeyId", Values: ["alias/aws/ssm"] })).toEqual(["/app/deep/b"]);
    await expect(found({ Key: "Wrong", Values: ["x"] })).rejects.toMatchObject({ name: "InvalidFilterKey" });
    const tags = { ResourceType: "Parameter", ResourceId: "/app/a" } as const;
    await cloud.client.send(new AddTagsToResourceCommand({ ...tags, Tags: [{ Key: "x", Value: "y" }] }));
    await cloud.client.send(new RemoveTagsFromResourceCommand({ ...tags, TagKeys: ["team"] }));
    expect((await cloud.client.send(new ListTagsForResourceCommand(tags))).TagList).toEqual([
      { Key: "x", Value: "y" },
    ]);
    expect(
      await cloud.client.send(new DeleteParametersCommand({ Names: ["/app/a", "/none"] })),
    ).toMatchObject({
      DeletedParameters: ["/app/a"],
      InvalidParameters: ["/none"],
    });
    await expect(cloud.client.send(new DeleteParameterCommand({ Name: "/app/a" }))).rejects.toThrow(
      "not found",
    );
  });

  test("expires when its policy says so", async () => {
    await start();
    const Timestamp = new Date(cloud.clock.now() + 60_000).toISOString();
    const Policies = JSON.stringify([{ Type: "Expiration", Version: "1.0", Attributes: { Timestamp } }]);
    await put("p", "x", { Policies, Tier: "Intelligent-Tiering" });
    expect((await get("p"))?.Value).toBe("x");
    cloud.clock.advance(60_001);
    await expect(get("p")).rejects.toThrow("Parameter p not found.");
  });

  test.each<[string, string, string, object, string]>([
    ["reserved", "/aws/x", "x", {}, "No access to reserved parameter name: /aws/x."],
    ["of ours", "ssm-x", "x", {}, 'can\'t be prefixed with "ssm"'],
    ["strange", "/a b", "x", {}, "mix of letters, numbers and the following 3 symbols"],
    ["half a path", "a/b", "x", {}, "Parameter name must be a fully qualified name."],
    ["too deep", `/${"a/".repeat(15)}b`, "x", {}, "A hierarchy can have a maximum of 15 levels."],
    [
      "too large",
      "p",
      "x".repeat(4_097),
      {},
      "Standard tier parameters support a maximum parameter value of 4096 characters.",
    ],
    ["far too large", "p", "x".repeat(8_193), { Tier: "Advanced" }, "8192 characters"],
    [
      "of no type",
      "p",
      "x",
      { Type: undefined },
      "A parameter type is required when you create a parameter.",
    ],
    ["of a strange type", "p", "x", { Type: "Number" as ParameterType }, "satisfy enum value set"],
    [
      "against its pattern",
      "p",
      "x",
      { AllowedPattern: "^\\d+$" },
      "cannot be validated against allowedPattern: ^\\d+$",
    ],
    [
      "under a pattern that never ends",
      "p",
      `${"a".repeat(40)}!`,
      { AllowedPattern: "^(a+)+$" },
      "cannot be validated",
    ],
    ["under a broken pattern", "p", "x", { AllowedPattern: "(" }, "regular expression"],
    [
      "of tags and overwriting",
      "p",
      "x",
      { ...overwrite, Tags: [{ Key: "a", Value: "b" }] },
      "tags and overwrite can't be used together",
    ],
  ])("%s is refused", async (_, name, value, more, reason) => {
    await start();
    await expect(put(name, value, more)).rejects.toThrow(reason);
  });

  test("keeps its type and its better tier", async () => {
    await start();
    expect((await put("p", "x".repeat(5_000), { Tier: "Intelligent-Tiering" })).Tier).toBe("Advanced");
    await expect(put("p", "x", { ...overwrite, Tier: "Standard" })).rejects.toThrow(
      "You can't downgrade a parameter",
    );
    await expect(put("p", "x", { ...overwrite, Type: "SecureString" })).rejects.toMatchObject({
      name: "HierarchyTypeMismatchException",
    });
  });

  test("written by thirty hands at once has thirty versions, each number once", async () => {
    await start();
    await put("p", "x");
    const versions = await Promise.all(Array.from({ length: 30 }, (_, i) => put("p", String(i), overwrite)));
    expect(versions.map(({ Version = 0 }) => Version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 2),
    );
  });
});

describe("A secret by reference", () => {
  test("is read under a name of Parameter Store, decrypted only", async () => {
    await start();
    await cloud.secretsClient.send(new CreateSecretCommand({ Name: "db", SecretString: "sesame" }));
    const name = "/aws/reference/secretsmanager/db";
    const found = await get(name, true);
    expect(found).toMatchObject({ Name: name, Type: "SecureString", Value: "sesame", Version: 0 });
    expect(JSON.parse(found?.SourceResult ?? "")).toMatchObject({ Name: "db", SecretString: "sesame" });
    await expect(get(name)).rejects.toThrow(
      "WithDecryption flag must be True for retrieving a Secret Manager secret.",
    );
    await expect(get(`${name}x`, true)).rejects.toMatchObject({ name: "ParameterNotFound" });
  });
});

describe("Parameters of a stack", () => {
  test("are there; what is put since survives a kill, until the stack says something else", async () => {
    const data = kept(temporaryDirectory());
    await start([parameter("/hours", "9-17", { tags: { a: "b" } })], { dataDir: data.path });
    expect(await get("/hours")).toMatchObject({ Value: "9-17", Version: 1 });
    await put("/hours", "8-12", overwrite);
    await put("/own", "x");
    const copy = kept(killed(data.path));
    await cloud.stop();
    await start([parameter("/hours", "9-17")], { dataDir: copy.path });
    expect([(await get("/hours"))?.Value, (await get("/own"))?.Value]).toEqual(["8-12", "x"]);
    await cloud.stop();
    await start([parameter("/hours", "7-9")], { dataDir: copy.path });
    expect(await get("/hours")).toMatchObject({ Value: "7-9", Version: 3 });
    await cloud.stop();
    await start([], { dataDir: copy.path });
    await expect(get("/hours")).rejects.toThrow("not found");
    expect((await get("/own"))?.Value).toBe("x");
  });

  test("that AWS would refuse stop the start with their place; so does a damaged file", async () => {
    const wrong = { ...parameter("/a b", "x"), source: "stacks/a.ts:7" };
    await expect(startSsm([wrong])).rejects.toThrow(/stacks\/a\.ts:7/);
    const data = kept(temporaryDirectory());
    await start([], { dataDir: data.path });
    await cloud.stop();
    writeFileSync(`${data.path}/ssm/log.jsonl`, "nonsense\n");
    await expect(startSsm([], { dataDir: data.path })).rejects.toThrow(/ssm\/log\.jsonl is damaged/);
    await start();
  });

  test("are all that is served of Systems Manager, and that is said by name", async () => {
    await start();
    await expect(cloud.client.send(new ListDocumentsCommand({}))).rejects.toMatchObject({
      message: "The local cloud does not serve ssm:ListDocuments.",
      $metadata: { httpStatusCode: 501 },
    });
  });
});
