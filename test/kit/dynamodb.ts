import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startEngine } from "../../local/services/dynamodb/engine.ts";

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

/** A running DynamoDB Local, in memory, that this process's AWS clients speak to from now on. */
export const startDynamo = async () => {
  const engine = await startEngine(undefined);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${engine.port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
  const client = new DynamoDBClient({});
  return {
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
          GlobalSecondaryIndexes: Object.entries(keys.globalIndexes ?? {}).map(([index, key]) => ({
            IndexName: index,
            KeySchema: toSchema(key),
            Projection: { ProjectionType: "ALL" as const },
          })),
        }),
      );
    },
    stop: async () => {
      client.destroy();
      await engine.stop();
    },
  };
};

const toSchema = ({ hashKey, rangeKey }: Index) => [
  { AttributeName: hashKey, KeyType: "HASH" as const },
  { AttributeName: rangeKey, KeyType: "RANGE" as const },
];
