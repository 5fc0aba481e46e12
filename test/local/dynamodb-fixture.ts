import type { Resource } from "../../local/graph/graph.ts";
import { ACCOUNT, REGION, resource } from "./gateway-fixture.ts";

interface TableOptions {
  readonly ttl?: string;
  readonly stream?: string;
  readonly indexes?: readonly object[];
  readonly attributes?: readonly string[];
}

const INDEXES = [
  { name: "byOwner", hashKey: "owner", projectionType: "ALL" },
  { name: "keysOnly", hashKey: "owner", rangeKey: "sk", projectionType: "KEYS_ONLY" },
];

/** A table as SST's `Dynamo` makes it: keys `pk`, `sk`, two indexes over `owner`, and a stream. */
export const table = (name: string, options: TableOptions = {}): Resource => {
  const arn = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
  return resource(
    "aws:dynamodb/table:Table",
    name,
    {
      attributes: (options.attributes ?? ["pk", "sk", "owner"]).map((a) => ({ name: a, type: "S" })),
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      rangeKey: "sk",
      globalSecondaryIndexes: options.indexes ?? INDEXES,
      localSecondaryIndexes: [],
      pointInTimeRecovery: { enabled: true },
      streamEnabled: true,
      streamViewType: options.stream ?? "NEW_AND_OLD_IMAGES",
      ...(options.ttl ? { ttl: { attributeName: options.ttl, enabled: true } } : {}),
    },
    { name, arn, streamArn: `${arn}/stream/2026-01-01T00:00:00.000` },
  );
};

/** ARN of the stream of a table made by `table`. */
export const streamArn = (name: string) =>
  `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}/stream/2026-01-01T00:00:00.000`;
