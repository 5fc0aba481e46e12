import { writeFileSync } from "node:fs";
import {
  BatchGetSecretValueCommand,
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Resource } from "../../local/graph/graph.ts";
import { type SecretsService, secretsManager } from "../../local/services/secretsmanager/secretsmanager.ts";
import { killed } from "./sns-fixture.ts";
import { functionArn, type Handler, resource, startHarness, temporaryDirectory } from "./sqs-harness.ts";

const DAY_MS = 86_400_000;
const ARN = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:vault-AbCdEf";

const startSecrets = async (
  resources: Resource[] = [],
  options: { functions?: Record<string, Handler>; dataDir?: string; aheadMs?: number } = {},
) => {
  let service: SecretsService | undefined;
  const harness = await startHarness({
    resources,
    services: [
      (cloud) => {
        service = secretsManager(cloud);
        return service;
      },
    ],
    ...options,
  });
  const { accessKeyId, secretAccessKey } = harness.cloud.credentials.developer;
  const client = new SecretsManagerClient({
    endpoint: harness.cloud.endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 2,
  });
  return {
    ...harness,
    client,
    view: () => service?.views?.secrets?.(new URLSearchParams()),
    reveal: (secretId: string) => service?.actions?.reveal?.({ secretId }),
    async stop() {
      client.destroy();
      await harness.stop();
    },
  };
};

let cloud: Awaited<ReturnType<typeof startSecrets>>;
const folders: { remove(): void }[] = [];
const kept = <T extends { remove(): void }>(folder: T): T => {
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  await cloud.stop();
  for (const folder of folders.splice(0)) folder.remove();
});

const start = async (...args: Parameters<typeof startSecrets>) => {
  cloud = await startSecrets(...args);
};
const create = (Name: string, SecretString?: string, more = {}) =>
  cloud.client.send(new CreateSecretCommand({ Name, SecretString, ...more }));
const get = (SecretId: string, more = {}) =>
  cloud.client.send(new GetSecretValueCommand({ SecretId, ...more }));
const put = (SecretId: string, SecretString: string, more = {}) =>
  cloud.client.send(new PutSecretValueCommand({ SecretId, SecretString, ...more }));
const describeSecret = (SecretId: string) => cloud.client.send(new DescribeSecretCommand({ SecretId }));
const token = (letter: string) => letter.repeat(32);

const vault = (secretString: string): Resource[] => [
  resource(
    "aws:secretsmanager/secret:Secret",
    "Vault",
    { name: "vault", tags: { app: "x" } },
    { arn: ARN, name: "vault" },
    ARN,
  ),
  resource("aws:secretsmanager/secretVersion:SecretVersion", "VaultNow", { secretId: ARN, secretString }),
];

describe("A secret", () => {
  test("is found by name, ARN, or ARN without its last characters, text and bytes alike", async () => {
    await start();
    const { ARN: arn = "", VersionId } = await create("db/password", "sesame");
    expect(arn).toMatch(/:secret:db\/password-[A-Za-z0-9]{6}$/);
    for (const id of ["db/password", arn, arn.slice(0, -7)])
      expect(await get(id)).toMatchObject({
        SecretString: "sesame",
        VersionId,
        VersionStages: ["AWSCURRENT"],
        Name: "db/password",
      });
    await cloud.client.send(new CreateSecretCommand({ Name: "bytes", SecretBinary: Buffer.from([1, 2, 3]) }));
    expect((await get("bytes")).SecretBinary).toEqual(new Uint8Array([1, 2, 3]));
    await expect(get("none")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  test("moves its stages with each new value", async () => {
    await start();
    const first = await create("s", "one");
    const second = await put("s", "two");
    const third = await put("s", "three");
    expect((await get("s")).SecretString).toBe("three");
    expect((await get("s", { VersionStage: "AWSPREVIOUS" })).SecretString).toBe("two");
    expect((await get("s", { VersionId: first.VersionId })).SecretString).toBe("one");
    const { VersionIdsToStages } = await describeSecret("s");
    expect(VersionIdsToStages).toEqual({
      [third.VersionId ?? ""]: ["AWSCURRENT"],
      [second.VersionId ?? ""]: ["AWSPREVIOUS"],
    });
    const list = async (IncludeDeprecated: boolean) =>
      (await cloud.client.send(new ListSecretVersionIdsCommand({ SecretId: "s", IncludeDeprecated })))
        .Versions?.length;
    expect([await list(false), await list(true)]).toEqual([2, 3]);
    await expect(get("s", { VersionStage: "AWSPENDING" })).rejects.toThrow(
      "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
    );
    await expect(get("s", { VersionId: token("z") })).rejects.toThrow("secret value for VersionId");
  });

  test("moves a stage by hand only when told where from", async () => {
    await start();
    const one = await create("s", "one");
    const two = await put("s", "two");
    const move = (more: object) =>
      cloud.client.send(
        new UpdateSecretVersionStageCommand({ SecretId: "s", VersionStage: "AWSCURRENT", ...more }),
      );
    await expect(move({ MoveToVersionId: one.VersionId })).rejects.toThrow(
      "The parameter RemoveFromVersionId can't be empty.",
    );
    await expect(move({ RemoveFromVersionId: two.VersionId })).rejects.toThrow(
      "It can't be completely removed.",
    );
    await move({ MoveToVersionId: one.VersionId, RemoveFromVersionId: two.VersionId });
    expect((await get("s")).SecretString).toBe("one");
    expect((await get("s", { VersionStage: "AWSPREVIOUS" })).SecretString).toBe("two");
  });

  test("is made and changed once for a request token, however often it is sent", async () => {
    await start();
    const made = await Promise.all(
      Array.from({ length: 10 }, () => create("s", "one", { ClientRequestToken: token("a") })),
    );
    expect(new Set(made.map(({ ARN: arn }) => arn)).size).toBe(1);
    await expect(create("s", "other", { ClientRequestToken: token("b") })).rejects.toThrow(
      "The operation failed because the secret s already exists.",
    );
    await Promise.all(Array.from({ length: 10 }, () => put("s", "two", { ClientRequestToken: token("c") })));
    expect(Object.keys((await describeSecret("s")).VersionIdsToStages ?? {})).toHaveLength(2);
    await expect(put("s", "three", { ClientRequestToken: token("c") })).rejects.toMatchObject({
      name: "ResourceExistsException",
      message: expect.stringContaining(`You can't use ClientRequestToken ${token("c")}`),
    });
  });

  test("races of writers leave one current and one previous version", async () => {
    await start();
    await create("s", "0");
    await Promise.all(Array.from({ length: 30 }, (_, i) => put("s", String(i))));
    const stages = Object.values((await describeSecret("s")).VersionIdsToStages ?? {}).flat();
    expect(stages.sort()).toEqual(["AWSCURRENT", "AWSPREVIOUS"]);
  });

  test("once deleted keeps its value for whoever restores it in time", async () => {
    await start();
    await create("s", "one");
    const remove = (more = {}) => cloud.client.send(new DeleteSecretCommand({ SecretId: "s", ...more }));
    await expect(remove({ RecoveryWindowInDays: 6 })).rejects.toThrow("between 7 and 30 days (inclusive)");
    await expect(remove({ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true })).rejects.toThrow(
      "in conjunction with",
    );
    const { DeletionDate } = await remove({ RecoveryWindowInDays: 7 });
    expect(Math.round(((DeletionDate?.getTime() ?? 0) - Date.now()) / DAY_MS)).toBe(7);
    await expect(get("s")).rejects.toThrow("because it was marked for deletion.");
    await expect(create("s", "x")).rejects.toThrow("already scheduled for deletion");
    expect((await cloud.client.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
    await cloud.client.send(new RestoreSecretCommand({ SecretId: "s" }));
    expect((await get("s")).SecretString).toBe("one");
    await remove({ RecoveryWindowInDays: 7 });
    cloud.clock.advance(7 * DAY_MS + 1);
    await expect(describeSecret("s")).rejects.toThrow("can't find the specified secret");
    await create("s", "anew");
    await remove({ ForceDeleteWithoutRecovery: true });
    await create("s", "again");
    expect((await get("s")).SecretString).toBe("again");
  });

  test("has tags, a description, a policy, and is listed by them", async () => {
    await start();
    await create("shop/db", "1", { Description: "Main database", Tags: [{ Key: "team", Value: "blue" }] });
    await create("other", "2");
    await cloud.client.send(new UpdateSecretCommand({ SecretId: "other", Description: "Nothing" }));
    await cloud.client.send(
      new TagResourceCommand({ SecretId: "other", Tags: [{ Key: "team", Value: "red" }] }),
    );
    const names = async (Key: "name" | "tag-value" | "description" | "all", ...Values: string[]) =>
      (await cloud.client.send(new ListSecretsCommand({ Filters: [{ Key, Values }] }))).SecretList?.map(
        ({ Name }) => Name,
      );
    expect(await names("name", "shop")).toEqual(["shop/db"]);
    expect(await names("tag-value", "red")).toEqual(["other"]);
    expect(await names("description", "!main")).toEqual(["other"]);
    expect(await names("all", "database")).toEqual(["shop/db"]);
    await cloud.client.send(new UntagResourceCommand({ SecretId: "other", TagKeys: ["team"] }));
    expect((await describeSecret("other")).Tags).toEqual([]);
    const policy = (ResourcePolicy: string) =>
      cloud.client.send(new PutResourcePolicyCommand({ SecretId: "other", ResourcePolicy }));
    await expect(policy("{")).rejects.toThrow("invalid Json");
    await policy('{"Statement":[]}');
    const page = await cloud.client.send(new ListSecretsCommand({ MaxResults: 1 }));
    const rest = await cloud.client.send(
      new ListSecretsCommand({ MaxResults: 1, NextToken: page.NextToken }),
    );
    expect([page, rest].map(({ SecretList }) => SecretList?.[0]?.Name)).toEqual(["shop/db", "other"]);
  });

  test("is fetched with others, each missing one named", async () => {
    await start();
    await create("a", "1");
    await create("b", "2");
    const { SecretValues, Errors } = await cloud.client.send(
      new BatchGetSecretValueCommand({ SecretIdList: ["a", "none", "b"] }),
    );
    expect(SecretValues?.map(({ SecretString }) => SecretString)).toEqual(["1", "2"]);
    expect(Errors).toMatchObject([{ SecretId: "none", ErrorCode: "ResourceNotFoundException" }]);
    await expect(cloud.client.send(new BatchGetSecretValueCommand({}))).rejects.toThrow("but not both");
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ["a strange name", () => create("a b", "x"), "Invalid name."],
    [
      "two values",
      () => create("a", "x", { SecretBinary: Buffer.from("x") }),
      "both a binary secret value and a string",
    ],
    ["a value over 64 KB", () => create("a", "x".repeat(65_537)), "less than or equal to 65536"],
    [
      "a short token",
      () => create("a", "x", { ClientRequestToken: "short" }),
      "ClientRequestToken must be 32-64 characters long.",
    ],
  ])("of %s is refused", async (_, act, reason) => {
    await start();
    await expect(act()).rejects.toThrow(reason);
  });
});

describe("Random passwords", () => {
  test("hold one of each kind, and nothing excluded", async () => {
    await start();
    const draw = async (more = {}) =>
      (await cloud.client.send(new GetRandomPasswordCommand(more))).RandomPassword ?? "";
    const all = await Promise.all(Array.from({ length: 20 }, () => draw({ PasswordLength: 4 })));
    for (const one of all) expect(one).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^A-Za-z0-9]).{4}$/);
    expect(new Set(all).size).toBeGreaterThan(15);
    expect(await draw({ PasswordLength: 200, ExcludePunctuation: true, ExcludeCharacters: "0OlI" })).toMatch(
      /^[^0OlI\W]{200}$/,
    );
    await expect(draw({ PasswordLength: 3 })).rejects.toThrow("too short based on the required types");
  });
});

describe("Rotation", () => {
  const RotationLambdaARN = functionArn("rotator");
  const rotator =
    (steps: string[], fail?: string): Handler =>
    async (event: { Step: string; SecretId: string; ClientRequestToken: string }) => {
      steps.push(event.Step);
      if (event.Step === fail) throw new Error("no access");
      const { Step, SecretId, ClientRequestToken } = event;
      // As AWS's template does: a value that an earlier try has made is not made again.
      if (Step === "createSecret")
        await get(SecretId, { VersionId: ClientRequestToken, VersionStage: "AWSPENDING" }).catch(() =>
          put(SecretId, `rotated ${steps.length}`, { ClientRequestToken, VersionStages: ["AWSPENDING"] }),
        );
      if (Step !== "finishSecret") return;
      const now = (await get(SecretId)).VersionId;
      await cloud.client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: "AWSCURRENT",
          MoveToVersionId: ClientRequestToken,
          RemoveFromVersionId: now,
        }),
      );
    };
  const rotate = (more = {}) => cloud.client.send(new RotateSecretCommand({ SecretId: "s", ...more }));
  const ALL = ["createSecret", "setSecret", "testSecret", "finishSecret"];

  test("calls the function with its four steps in order, and again when it is due", async () => {
    const steps: string[] = [];
    await start([], { functions: { rotator: rotator(steps) } });
    await create("s", "first");
    await expect(rotate()).rejects.toThrow("No Lambda rotation function ARN is associated with this secret.");
    const { VersionId } = await rotate({ RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 30 } });
    await vi.waitFor(async () => expect((await describeSecret("s")).LastRotatedDate).toBeDefined());
    expect(steps).toEqual(ALL);
    expect(await get("s")).toMatchObject({
      SecretString: "rotated 1",
      VersionId,
      VersionStages: ["AWSCURRENT"],
    });
    expect((await get("s", { VersionStage: "AWSPREVIOUS" })).SecretString).toBe("first");
    cloud.clock.advance(30 * DAY_MS + 1_000);
    await vi.waitFor(() => expect(steps).toEqual([...ALL, ...ALL]));
    await vi.waitFor(async () => expect((await get("s")).SecretString).toBe("rotated 5"));
    await cloud.client.send(new CancelRotateSecretCommand({ SecretId: "s" }));
    cloud.clock.advance(60 * DAY_MS);
    expect((await describeSecret("s")).RotationEnabled).toBe(false);
    expect(steps).toHaveLength(8);
  });

  test("runs once after a leap of months, and goes on at its own hours", async () => {
    const steps: string[] = [];
    await start([], { functions: { rotator: rotator(steps) } });
    await create("s", "first");
    await rotate({ RotationLambdaARN, RotationRules: { ScheduleExpression: "rate(4 hours)" } });
    await vi.waitFor(() => expect(steps).toEqual(ALL));
    await vi.waitFor(async () => expect((await describeSecret("s")).LastRotatedDate).toBeDefined());
    cloud.clock.advance(90 * DAY_MS);
    await vi.waitFor(() => expect(steps).toEqual([...ALL, ...ALL]));
    await vi.waitFor(async () => {
      const next = (await describeSecret("s")).NextRotationDate?.getTime() ?? 0;
      expect(next).toBeGreaterThan(cloud.clock.now());
      expect(next).toBeLessThanOrEqual(cloud.clock.now() + DAY_MS / 6);
    });
    expect(steps).toHaveLength(8);
  });

  test.each([
    { ScheduleExpression: "rate(0 days)" },
    { ScheduleExpression: "rate(1 hour)" },
    { ScheduleExpression: "rate(99999999999999999999 days)" },
    { ScheduleExpression: "at(2030-01-01T00:00:00)" },
    { AutomaticallyAfterDays: 0 },
    { AutomaticallyAfterDays: 1.5 },
    { AutomaticallyAfterDays: 30, Duration: "for ever" },
  ])("by %o is refused", async (RotationRules) => {
    await start([], { functions: { rotator: rotator([]) } });
    await create("s", "first");
    await expect(rotate({ RotationLambdaARN, RotationRules })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    cloud.clock.advance(90 * DAY_MS);
    expect((await get("s")).SecretString).toBe("first");
  });

  test("that fails leaves the current value, and is taken up by the next", async () => {
    const steps: string[] = [];
    const functions: Record<string, Handler> = { rotator: rotator(steps, "setSecret") };
    await start([], { functions });
    await create("s", "first");
    const { VersionId } = await rotate({ RotationLambdaARN });
    await vi.waitFor(() =>
      expect(cloud.printed.join()).toContain("rotation of s: setSecret failed: Error: no access"),
    );
    expect((await get("s")).SecretString).toBe("first");
    functions.rotator = rotator(steps);
    await vi.waitFor(async () => expect((await rotate()).VersionId).toBe(VersionId));
    await vi.waitFor(async () => expect((await get("s")).VersionId).toBe(VersionId));
  });
});

describe("Secrets of a stack", () => {
  test("are there with their value, which a change to the stack replaces, and no restart does", async () => {
    const data = kept(temporaryDirectory());
    await start(vault("first"), { dataDir: data.path });
    expect(await get("vault")).toMatchObject({ ARN, SecretString: "first" });
    expect((await describeSecret(ARN)).Tags).toEqual([{ Key: "app", Value: "x" }]);
    await put("vault", "rotated");
    const copy = kept(killed(data.path));
    await cloud.stop();
    await start(vault("first"), { dataDir: copy.path });
    expect((await get("vault")).SecretString).toBe("rotated");
    await cloud.stop();
    await start(vault("second"), { dataDir: copy.path });
    expect((await get("vault")).SecretString).toBe("second");
    await cloud.stop();
    await start([], { dataDir: copy.path });
    await expect(get("vault")).rejects.toThrow("can't find the specified secret");
  });

  test("are gone in time though the cloud was off, and a damaged file is named", async () => {
    const data = kept(temporaryDirectory());
    await start([], { dataDir: data.path });
    await create("s", "one");
    await cloud.client.send(new DeleteSecretCommand({ SecretId: "s", RecoveryWindowInDays: 7 }));
    await cloud.stop();
    await start([], { dataDir: data.path, aheadMs: 8 * DAY_MS });
    await vi.waitFor(() => expect(describeSecret("s")).rejects.toThrow("can't find the specified secret"));
    await cloud.stop();
    writeFileSync(`${data.path}/secretsmanager/log.jsonl`, "{}\n");
    await expect(startSecrets([], { dataDir: data.path })).rejects.toThrow(
      /secretsmanager\/log\.jsonl is damaged/,
    );
    await start();
  });

  test("show no value but to whoever asks to have it revealed", async () => {
    await start(vault("very secret"));
    await put("vault", "very secret too");
    const told = [cloud.view(), cloud.printed, cloud.recorder.recent(), await describeSecret("vault")];
    expect(JSON.stringify(told)).not.toContain("very secret");
    expect(cloud.reveal("vault")).toMatchObject({ SecretString: "very secret too" });
    expect(() => cloud.reveal("none")).toThrow("no such secret");
  });
});

describe("Hostile callers of Secrets Manager", () => {
  test("get an error of their own, never a 500", async () => {
    await start(vault("x"));
    const { SignatureV4 } = await import("@smithy/signature-v4");
    const { Sha256 } = await import("@aws-crypto/sha256-js");
    const signer = new SignatureV4({
      service: "secretsmanager",
      region: "eu-central-1",
      credentials: cloud.cloud.credentials.developer,
      sha256: Sha256,
    });
    const send = async (operation: string, body: string) => {
      const url = new URL(cloud.cloud.endpoint);
      const headers = {
        host: url.host,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `secretsmanager.${operation}`,
      };
      const signed = await signer.sign({
        method: "POST",
        protocol: "http:",
        hostname: url.hostname,
        port: Number(url.port),
        path: "/",
        headers,
        body,
      });
      return (await fetch(url, { method: "POST", headers: signed.headers, body })).status;
    };
    const bodies = [
      "",
      "{",
      "[]",
      "5",
      '{"SecretId":5}',
      '{"SecretId":"vault","VersionStages":7,"SecretString":"x"}',
      '{"SecretId":{"a":1}}',
      '{"Filters":[5]}',
      '{"SecretId":"__proto__"}',
      '{"SecretId":"vault","VersionId":"constructor"}',
      '{"SecretId":"vault","VersionId":"constructor","VersionStage":"AWSCURRENT"}',
      '{"SecretId":"vault","VersionStage":"new","MoveToVersionId":"toString"}',
      `{"SecretId":"vault","RotationRules":{"x":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`,
      '{"Name":"n","Tags":[null]}',
      '{"SecretId":"vault","RotationRules":[]}',
      '{"NextToken":"x"}',
      '{"PasswordLength":1e9}',
    ];
    const operations = [
      "CreateSecret",
      "GetSecretValue",
      "PutSecretValue",
      "UpdateSecret",
      "ListSecrets",
      "BatchGetSecretValue",
      "DeleteSecret",
      "RestoreSecret",
      "RotateSecret",
      "UpdateSecretVersionStage",
      "GetRandomPassword",
      "TagResource",
      "PutResourcePolicy",
      "toString",
    ];
    for (const operation of operations)
      for (const body of bodies)
        expect([operation, body, (await send(operation, body)) === 500]).toEqual([operation, body, false]);
  });

  test("are told by name what is not served", async () => {
    await start();
    await expect(
      cloud.client.send(
        new ReplicateSecretToRegionsCommand({ SecretId: "x", AddReplicaRegions: [{ Region: "us-east-1" }] }),
      ),
    ).rejects.toMatchObject({
      message: "The local cloud does not serve secretsmanager:ReplicateSecretToRegions.",
      $metadata: { httpStatusCode: 501 },
    });
  });
});
