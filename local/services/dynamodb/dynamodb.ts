import { join } from "node:path";
import type { AwsService, Cloud } from "../../kit/cloud.ts";
import { damaged } from "../../kit/kept.ts";
import { mayPoll } from "../../permissions/mappings.ts";
import { createCheckpoint } from "./checkpoints.ts";
import { type Client, connect, DynamoError } from "./client.ts";
import { dynamodbActions, dynamodbViews } from "./console.ts";
import { type Expiry, startExpiry } from "./expiry.ts";
import { keepEngine } from "./keeper.ts";
import { type StreamMapping, streamMappings } from "./mappings.ts";
import { createNames, type Names } from "./names.ts";
import { operations } from "./operations.ts";
import { type Poller, startPoller } from "./poller.ts";
import { proxy } from "./proxy.ts";
import { type TableSpec, tablesOf } from "./table-specs.ts";
import { ensureTable } from "./tables.ts";
import { createWriters, type Writers } from "./writers.ts";

/** What the running service is made of. */
interface Parts {
  readonly cloud: Cloud;
  readonly folder: string | undefined;
  readonly client: Client;
  readonly names: Names;
  readonly tables: readonly TableSpec[];
  readonly writers: Writers;
}

const startMapping = (parts: Parts, mapping: StreamMapping, expiry: Expiry): Promise<Poller> => {
  const { cloud, client, names, folder } = parts;
  const table = parts.tables.find((t) => t.streamArn === mapping.streamArn);
  const stream = names.engineStream(mapping.streamArn);
  if (!table || !stream) throw new Error(`${mapping.streamArn} is no stream of a table in the graph`);
  if (mapping.parallel > 1) {
    cloud.print(`! ${mapping.id}: one batch at a time, whatever its parallelizationFactor`);
  }
  return startPoller({
    cloud,
    client,
    names,
    mapping,
    table: table.name,
    expires: table.ttl !== undefined,
    stream,
    checkpoint: createCheckpoint(folder && join(folder, "checkpoints"), mapping.id),
    expired: (keys, minute) => expiry.expired(table.name, keys, minute),
    writer: (keys) => parts.writers.of(table.name, keys),
  });
};

const ensureTables = async ({ client, names, tables }: Parts) => {
  for (const table of tables) {
    const stream = await ensureTable(client, table);
    if (stream) names.setStream(table, stream);
  }
};

/** What the engine says of a file that is no database, nobody could act upon. */
const explain = (error: unknown, folder: string | undefined) =>
  folder !== undefined && error instanceof DynamoError && error.code === "InternalFailure"
    ? damaged(folder, error)
    : error;

/** DynamoDB: AWS's own DynamoDB Local with the graph's tables, its streams delivered to the functions mapped to them. */
export const dynamodb = async (cloud: Cloud): Promise<AwsService> => {
  const [tables, mappings] = [tablesOf(cloud.graph), streamMappings(cloud.graph)];
  const folder = cloud.dataDir && join(cloud.dataDir, "dynamodb");
  const engine = await keepEngine(folder, cloud.print);
  const client = connect(engine.port);
  const names = createNames(cloud.graph);
  const byName = new Map(tables.map((table) => [table.name, table]));
  const writers = createWriters(byName);
  const parts: Parts = { cloud, folder, client, names, tables, writers };
  const pollers: Poller[] = [];
  let expiry: Expiry | undefined;
  const written = (table: string) => {
    for (const poller of pollers) if (poller.table === table) poller.wake();
  };
  const stop = async () => {
    expiry?.stop();
    await Promise.all(pollers.map((poller) => poller.stop()));
    client.close();
    await engine.stop();
  };
  await ensureTables(parts).catch(async (error: unknown) => {
    await stop();
    throw explain(error, folder);
  });
  return {
    name: "dynamodb",
    handle: (request) => proxy(request, { client, names, tables: byName, written, wrote: writers.note }),
    operations,
    views: dynamodbViews({ client, tables, written }),
    actions: {
      ...dynamodbActions({ client, tables, written }),
      // the process itself, where a rule's outage only keeps callers from it
      async kill() {
        await engine.kill();
        return { killed: true };
      },
    },
    async start() {
      expiry = startExpiry(client, tables, cloud.clock, written);
      for (const mapping of mappings) {
        if (!mayPoll(cloud, mapping.resource, mapping.functionArn, mapping.streamArn)) continue;
        pollers.push(await startMapping(parts, mapping, expiry));
      }
    },
    async pause() {
      for (const poller of pollers) poller.pause();
    },
    stop,
  };
};
