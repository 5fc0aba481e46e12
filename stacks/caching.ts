import { feedPartition, tableKeys } from "#core/cache/infra.schema.ts";
import { onItems } from "./rights.ts";

/** The distributed cache: one table for entries, marks, feeds and records, and the rights of those who follow a channel. */
export const caching = () => {
  const table = new sst.aws.Dynamo("CacheTable", { ...tableKeys, stream: "new-image" });
  return {
    table,
    /** Hearing what others changed, on one channel: nothing else of the table can be read. */
    hear: (channel: string) => onItems(table, [feedPartition(channel)], "Query"),
    /** Telling of a change there. */
    tell: (channel: string) => onItems(table, [feedPartition(channel)], "PutItem"),
  };
};
