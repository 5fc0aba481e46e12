import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startEngine } from "../../local/services/dynamodb/engine.ts";
import { keys, startFaulty } from "./faulty.ts";

/** Keys of a table, as stacks state them. */
export interface TableKeys {
  readonly fields: Readonly<Record<string, string>>;
  readonly primaryIndex: Index;
  readonly globalIndexes?: Readonly<Record<string, Index>>;
}
interface Index {
  readonly hashKey: string;
  readonly rangeKey: string;
}

/** A running DynamoDB Local, in memory, that this process's AWS clients speak to from now on, through an endpoint with faults. */
export const startDynamo = async () => {
  const engine = await startEngine(undefined);
  const endpoint = await startFaulty(engine.port);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: endpoint.url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  });
  const client = new DynamoDBClient({});
  const { faults, reached, restart } = endpoint;
  const { port } = engine;
  return {
    faults,
    reached,
    restart,
    /** Of the engine itself, past the endpoint. */
    port,
    createTable: async (name: string, keys: TableKeys) => {
      await client.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: Object.keys(keys.fields).map((field) => ({
            AttributeName: field,
            AttributeType: "S" as const,
          })),
          KeySchema: toSchema(keys.primaryIndex),
          ...(keys.globalIndexes && {
            GlobalSecondaryIndexes: Object.entries(keys.globalIndexes).map(([index, key]) => ({
              IndexName: index,
              KeySchema: toSchema(key),
              Projection: { ProjectionType: "ALL" as const },
            })),
          }),
        }),
      );
    },
    stop: async () => {
      client.destroy();
      await endpoint.stop();
      await engine.stop();
    },
  };
};

const toSchema = ({ hashKey, rangeKey }: Index) => [
  { AttributeName: hashKey, KeyType: "HASH" as const },
  { AttributeName: rangeKey, KeyType: "RANGE" as const },
];
