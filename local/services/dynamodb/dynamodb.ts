import { join } from "node:path";
import type { AwsService, Cloud } from "../../kit/cloud.ts";
import { createCheckpoint } from "./checkpoints.ts";
import { connect } from "./client.ts";
import { startEngine } from "./engine.ts";
import { type Expiry, startExpiry } from "./expiry.ts";
import { type StreamMapping, streamMappings } from "./mappings.ts";
import { createNames } from "./names.ts";
import { type Poller, startPoller } from "./poller.ts";
import { proxy } from "./proxy.ts";
import { ensureTable, tablesOf } from "./tables.ts";

/** DynamoDB: AWS's own DynamoDB Local with the graph's tables, its streams delivered to the functions mapped to them. */
export const dynamodb = async (cloud: Cloud): Promise<AwsService> => {
  const mappings = streamMappings(cloud.graph);
  const tables = tablesOf(cloud.graph);
  const folder = cloud.dataDir && join(cloud.dataDir, "dynamodb");
  const engine = await startEngine(folder);
  const client = connect(engine.port);
  const names = createNames(cloud.graph);
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

  try {
    for (const table of tables) {
      const stream = await ensureTable(client, table);
      if (stream) names.setStream(table, stream);
    }
  } catch (error) {
    await stop();
    throw error;
  }

  const startMapping = async (mapping: StreamMapping) => {
    const table = tables.find((t) => t.streamArn === mapping.streamArn);
    const stream = names.engineStream(mapping.streamArn);
    if (!table || !stream) throw new Error(`${mapping.streamArn} is no stream of a table in the graph`);
    const checkpoint = createCheckpoint(folder && join(folder, "checkpoints"), mapping.id);
    const expired = (keys: Parameters<Expiry["expired"]>[1], at: number) =>
      expiry?.expired(table.name, keys, at) ?? false;
    if (mapping.parallel > 1)
      cloud.print(`! ${mapping.id}: one batch at a time, whatever its parallelizationFactor`);
    const deps = {
      cloud,
      client,
      names,
      mapping,
      table: table.name,
      expires: table.ttl !== undefined,
      stream,
      checkpoint,
      expired,
    };
    pollers.push(await startPoller(deps));
  };

  const byName = new Map(tables.map((table) => [table.name, table]));
  return {
    name: "dynamodb",
    handle: (request) => proxy(request, { client, names, tables: byName, written }),
    async start() {
      expiry = startExpiry(client, tables, cloud.clock, written);
      for (const mapping of mappings) await startMapping(mapping);
    },
    stop,
  };
};
