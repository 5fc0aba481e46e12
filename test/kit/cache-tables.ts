import { unmarshall } from "@aws-sdk/util-dynamodb";
import { toChanges } from "../../core/cache/dynamo-changes.ts";
import { createDynamoStore, type DynamoStore } from "../../core/cache/dynamo-store.ts";
import { tableKeys } from "../../core/cache/infra.schema.ts";
import { connect } from "../../local/services/dynamodb/client.ts";
import type { Position } from "../../local/services/dynamodb/reader.ts";
import { createReader } from "../../local/services/dynamodb/reader.ts";
import { startDynamo } from "./dynamodb.ts";

/** Sockets of an AWS client. */
const CONNECTIONS = 50;
const TABLE = "tenfold-test-CacheTable";
type Image = Parameters<typeof unmarshall>[0];

/** The cache's table on a real DynamoDB Local, with its stream, which `pump` brings to the feed as the consumer does. */
export const startCacheTable = async () => {
  const dynamo = await startDynamo();
  await dynamo.createTable(TABLE, tableKeys);
  const engine = connect(dynamo.port);
  const { TableDescription } = await engine.call<{ TableDescription: { LatestStreamArn: string } }>(
    "UpdateTable",
    {
      TableName: TABLE,
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    },
  );
  const start: Position | undefined = undefined;
  const reader = createReader(engine, TableDescription.LatestStreamArn, start);
  const store: DynamoStore = createDynamoStore(TABLE);
  const { faults, reached } = dynamo;
  return {
    faults,
    reached,
    store,
    table: TABLE,
    connections: CONNECTIONS,
    /** Connections stand before many requests at once need them: while none is answered, each of these opens one. */
    warm: async () => {
      faults.add({ id: "warm", fault: { kind: "latency", ms: 300 } });
      await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => store.get(`warm${n}`)));
      faults.clear();
    },
    pump: async () => {
      for (let page = await reader.read(); page.records.length > 0; page = await reader.read()) {
        const changes = page.records.flatMap(({ eventID, dynamodb }) =>
          toChanges({
            id: eventID,
            ...(dynamodb.NewImage !== undefined && { after: unmarshall(dynamodb.NewImage as Image) }),
          }),
        );
        await store.announce(changes);
      }
    },
    stop: async () => {
      engine.close();
      await dynamo.stop();
    },
  };
};
