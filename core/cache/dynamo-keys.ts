import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { documents } from "#core/kit/dynamo.ts";
import { nameOf } from "./cache.keys.ts";
import type { EntryItem } from "./dynamo-entry.ts";

/** Keys that begin so, for tools: a Scan of the table, for nothing less finds keys by their beginning, as each is a partition. */
export const keysIn = async function* (table: string, prefix: string): AsyncGenerator<string> {
  const pages = paginateScan(
    { client: documents() },
    {
      TableName: table,
      FilterExpression: "sk = :entry AND attribute_exists(v)",
      ProjectionExpression: "pk, k",
      ExpressionAttributeValues: { ":entry": "E" },
    },
  );
  for await (const { Items = [] } of pages)
    for (const { pk, k } of Items as EntryItem[]) {
      const key = nameOf(pk, k);
      if (key.startsWith(prefix)) yield key;
    }
};
