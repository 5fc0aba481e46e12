import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Sha256 } from "@aws-crypto/sha256-js";
import {
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../local/services/dynamodb/client.ts";
import { dynamodb } from "../../local/services/dynamodb/dynamodb.ts";
import { startEngine } from "../../local/services/dynamodb/engine.ts";
import { streamArn, table } from "./dynamodb-fixture.ts";
import { clientConfig, graphOf, REGION, type Running, startCloud, until } from "./gateway-fixture.ts";

const S = (text: string) => ({ S: text });

describe("DynamoDB Local", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynamodb-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const alive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const answers = (port: number) =>
    connect(port)
      .call("ListTables", {})
      .then(
        () => true,
        () => false,
      );

  it("listens on the loopback alone", async () => {
    const engine = await startEngine(undefined);
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((a) => a?.family === "IPv4" && !a.internal)?.address;
    // the port is still free on every other address of this machine
    const taken = await new Promise((resolve) => {
      const probe = createServer()
        .once("error", () => resolve(true))
        .listen(engine.port, outside ?? "127.0.0.2", () => probe.close(() => resolve(false)));
    });
    expect(taken).toBe(false);
    expect(await answers(engine.port)).toBe(true);
    await engine.stop();
    expect(alive(engine.pid)).toBe(false);
  });

  it("ends with its parent, even one that is killed outright", async () => {
    const module = fileURLToPath(new URL("../../local/services/dynamodb/engine.ts", import.meta.url));
    const script = `import { startEngine } from ${JSON.stringify(module)};
      const { port, pid } = await startEngine(undefined);
      console.log(JSON.stringify({ port, pid }));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script]);
    const line = await new Promise<string>((resolve) =>
      parent.stdout.once("data", (d) => resolve(String(d))),
    );
    const { port, pid } = JSON.parse(line);
    expect(await answers(port)).toBe(true);
    parent.kill("SIGKILL");
    await until(() => !alive(pid));
    await until(async () => !(await answers(port)));
  });

  it("ends an engine that an earlier run left behind on the same data", async () => {
    const first = await startEngine(folder);
    const second = await startEngine(folder);
    await until(() => !alive(first.pid));
    expect(await answers(first.port)).toBe(false);
    expect(await answers(second.port)).toBe(true);
    expect(await readFile(join(folder, "engine.pid"), "utf8")).toBe(String(second.pid));
    await second.stop();
  });

  it("says what to install when there is neither Java nor Docker", async () => {
    const { JAVA_HOME, PATH } = process.env;
    process.env.JAVA_HOME = "/nowhere";
    process.env.PATH = "/bin";
    try {
      await expect(startEngine(undefined)).rejects.toThrow(
        "DynamoDB Local needs Java 17 or newer, or Docker",
      );
    } finally {
      process.env.PATH = PATH;
      if (JAVA_HOME === undefined) delete process.env.JAVA_HOME;
      else process.env.JAVA_HOME = JAVA_HOME;
    }
  });
});

describe("A table of the graph", () => {
  let folder: string;
  let running: Running | undefined;
  let client: DynamoDBClient;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynamodb-"));
  });
  afterEach(async () => {
    client?.destroy();
    await running?.stop();
    running = undefined;
    await rm(folder, { recursive: true });
  });
  const open = async (definition: ReturnType<typeof table>) => {
    client?.destroy();
    await running?.stop();
    running = undefined;
    running = await startCloud({ graph: graphOf([definition]), services: [dynamodb], dataDir: folder });
    client = new DynamoDBClient(clientConfig(running));
  };
  const byOwner = { name: "byOwner", hashKey: "owner", projectionType: "ALL" };
  const bySort = {
    name: "bySort",
    keySchemas: [{ attributeName: "sk", keyType: "HASH" }],
    projectionType: "INCLUDE",
    nonKeyAttributes: ["title"],
  };

  it("keeps its items while indexes come and go", async () => {
    await open(table("links", { indexes: [byOwner] }));
    const Item = { pk: S("a"), sk: S("1"), owner: S("ann"), title: S("t"), other: S("o") };
    await client.send(new PutItemCommand({ TableName: "links", Item }));
    await open(table("links", { indexes: [byOwner, bySort], attributes: ["pk", "sk", "owner"] }));
    const query = (IndexName: string, name: string, value: string) =>
      client.send(
        new QueryCommand({
          TableName: "links",
          IndexName,
          KeyConditionExpression: "#k = :v",
          ExpressionAttributeNames: { "#k": name },
          ExpressionAttributeValues: { ":v": S(value) },
        }),
      );
    expect((await query("byOwner", "owner", "ann")).Items).toEqual([Item]);
    const { other: _, owner: __, ...projected } = Item;
    expect((await query("bySort", "sk", "1")).Items).toEqual([projected]);
    await open(table("links", { indexes: [bySort], attributes: ["pk", "sk"] }));
    const { Table } = await client.send(new DescribeTableCommand({ TableName: "links" }));
    expect(Table?.GlobalSecondaryIndexes?.map((g) => g.IndexName)).toEqual(["bySort"]);
    expect((await query("bySort", "sk", "1")).Items).toEqual([projected]);
  });

  it("keeps its items when the engine is killed, and answers again by itself", async () => {
    await open(table("links"));
    const put = (pk: string) =>
      client.send(new PutItemCommand({ TableName: "links", Item: { pk: S(pk), sk: S("1") } }));
    await put("before");
    const pidFile = join(folder, "dynamodb", "engine.pid");
    const watchdog = await readFile(pidFile, "utf8");
    process.kill(-Number(watchdog), "SIGKILL");
    await until(() => running?.printed.some((line) => line.includes("starting it again")) === true);
    await put("after");
    const { Count } = await client.send(new ScanCommand({ TableName: "links" }));
    expect(Count).toBe(2);
    expect(await readFile(pidFile, "utf8")).not.toBe(watchdog);
  });

  it("says which data is damaged and how to go on without it", async () => {
    await mkdir(join(folder, "dynamodb"));
    await writeFile(join(folder, "dynamodb", "shared-local-instance.db"), "no database");
    await expect(open(table("links"))).rejects.toThrow(/dynamodb.*--reset/s);
  });

  it("will not lose its items to another key without being told", async () => {
    await open(table("links"));
    const changed = table("links", { attributes: ["id", "owner", "sk"] });
    const inputs = { ...changed.inputs, hashKey: "id" };
    await expect(open({ ...changed, inputs })).rejects.toThrow("The key of links changed");
  });

  it("refuses an index key of several attributes, which DynamoDB Local lacks", async () => {
    const keys = ["pk", "owner"].map((attributeName) => ({ attributeName, keyType: "HASH" }));
    await expect(open(table("links", { indexes: [{ name: "both", keySchemas: keys }] }))).rejects.toThrow(
      "Index both of links has a key of several attributes",
    );
  });

  it("lets a client read its stream under the graph's own ARN", async () => {
    await open(table("links"));
    await client.send(new PutItemCommand({ TableName: "links", Item: { pk: S("a"), sk: S("1") } }));
    const { cloud, gateway } = running as Running;
    const signer = new SignatureV4({
      service: "dynamodb",
      region: REGION,
      credentials: cloud.credentials.developer,
      sha256: Sha256,
    });
    const call = async (operation: string, input: object) => {
      const headers = {
        host: `127.0.0.1:${gateway.port}`,
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDBStreams_20120810.${operation}`,
      };
      const request = {
        method: "POST",
        protocol: "http:",
        hostname: "127.0.0.1",
        path: "/",
        headers,
        body: JSON.stringify(input),
      };
      const {
        headers: { host: _, ...signed },
        body,
      } = await signer.sign(request);
      return (await fetch(gateway.endpoint, { method: "POST", headers: signed, body })).json();
    };
    const StreamArn = streamArn("links");
    expect((await call("ListStreams", {})).Streams).toEqual([
      { StreamArn, TableName: "links", StreamLabel: StreamArn.split("/").at(-1) },
    ]);
    const { StreamDescription } = await call("DescribeStream", { StreamArn });
    const { ShardId } = StreamDescription.Shards[0];
    const { ShardIterator } = await call("GetShardIterator", {
      StreamArn,
      ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    });
    const { Records } = await call("GetRecords", { ShardIterator });
    expect(Records).toMatchObject([
      { eventName: "INSERT", awsRegion: REGION, dynamodb: { Keys: { pk: S("a") } } },
    ]);
  });
});
