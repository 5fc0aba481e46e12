const ITEMS = `GetItem PutItem UpdateItem DeleteItem Query Scan BatchGetItem BatchWriteItem TransactGetItems TransactWriteItems
  ExecuteStatement BatchExecuteStatement ExecuteTransaction`;
const TABLES = `CreateTable DeleteTable DescribeTable ListTables UpdateTable DescribeTimeToLive UpdateTimeToLive DescribeLimits`;
const STREAMS = "ListStreams DescribeStream GetShardIterator GetRecords";

const names = (api: string, list: string): string[] => list.split(/\s+/).map((name) => `${api}:${name}`);

/** What the engine (DynamoDB Local 1.25.1) answers, streams too: backups, global tables, exports, tags and the rest it does not know. */
export const operations: readonly string[] = [
  ...names("dynamodb", `${ITEMS} ${TABLES}`),
  ...names("streams.dynamodb", STREAMS),
];
