import type { AwsCall } from "../gateway/gateway.ts";
import type { Graph } from "../graph/graph.ts";
import { addressOf } from "../services/s3/address.ts";
import { findOperation } from "../services/s3/routes.ts";
import { toPathStyle } from "../services/s3/virtual-host.ts";

/** What a call is about. */
export interface About {
  /** The operation's name, and for REST services also `GET /path`. */
  readonly operation: readonly string[];
  /** Names and ARNs. */
  readonly target: readonly string[];
  readonly key: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const last = (text: string) => text.slice(Math.max(text.lastIndexOf("/"), text.lastIndexOf(":")) + 1);

/** Fields that name a resource, and fields that name what within it, in whatever service. */
const TARGETS =
  /^(?:TableName|StreamArn|QueueUrl|QueueName|TopicArn|TargetArn|EventBusName|Name|GroupName|FunctionName|SecretId|logGroupName|UserPoolId|ClientId|RuleName|PhoneNumber|FromEmailAddress|Source)$/;
const KEYS = /^(?:MessageGroupId|MessageDeduplicationId|DetailType|Username|USERNAME|Subject|ReceiptHandle)$/;
/** Entries of batches stand no deeper than this: `RequestItems.<table>[0].PutRequest.Item`. */
const DEPTH = 6;
const MOST = 200;

/** `{ S: "a" }` as `a`. */
const plain = (attribute: unknown): string | undefined => {
  if (!isObject(attribute)) return undefined;
  const [value] = Object.values(attribute);
  return typeof value === "string" ? value : undefined;
};

/** By table name: its hash key and range key. */
export type KeyNames = ReadonlyMap<string, readonly string[]>;

const itemKey = (item: Json, names: readonly string[] | undefined): string =>
  (names ?? Object.keys(item))
    .map((name) => plain(item[name]))
    .filter((value) => value !== undefined)
    .join("/");

interface Found {
  readonly target: Set<string>;
  readonly key: Set<string>;
}

/** Walks a request for the names in it: every service calls its resources by a few field names. */
const walk = (
  value: unknown,
  found: Found,
  keyNames: KeyNames,
  table: string | undefined,
  depth = 0,
): void => {
  if (depth > DEPTH || found.key.size > MOST || found.target.size > MOST) return;
  if (Array.isArray(value)) {
    for (const each of value) walk(each, found, keyNames, table, depth + 1);
    return;
  }
  if (!isObject(value)) return;
  const here = typeof value.TableName === "string" ? last(value.TableName) : table;
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === "string" && TARGETS.test(name)) found.target.add(field).add(last(field));
    if (typeof field === "string" && KEYS.test(name)) found.key.add(field);
    if (name === "Key" && isObject(field))
      found.key.add(itemKey(field, here ? keyNames.get(here) : undefined));
    if (name === "Item" && isObject(field))
      found.key.add(itemKey(field, (here ? keyNames.get(here) : undefined) ?? ["pk", "sk"]));
    if (name === "ExpressionAttributeValues" && isObject(field) && "KeyConditionExpression" in value)
      for (const each of Object.values(field)) found.key.add(plain(each) ?? "");
    if (name === "RequestItems" && isObject(field))
      for (const [named, entries] of Object.entries(field)) {
        found.target.add(last(named));
        walk(entries, found, keyNames, last(named), depth + 1);
      }
    else if (typeof field === "object") walk(field, found, keyNames, here, depth + 1);
  }
  if (here !== undefined && Array.isArray(value.Keys))
    for (const each of value.Keys) if (isObject(each)) found.key.add(itemKey(each, keyNames.get(here)));
};

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
};

/** REST operations of services whose paths name a resource: what stands behind the verb and the pattern. */
const REST: readonly (readonly [string, RegExp, string])[] = [
  ["POST", /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, "Invoke"],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)$/, "GetFunction"],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, "GetFunctionConfiguration"],
  ["POST", /^\/schedules\/([^/]+)$/, "CreateSchedule"],
  ["GET", /^\/schedules\/([^/]+)$/, "GetSchedule"],
  ["PUT", /^\/schedules\/([^/]+)$/, "UpdateSchedule"],
  ["DELETE", /^\/schedules\/([^/]+)$/, "DeleteSchedule"],
  ["POST", /^\/v2\/email\/outbound-emails$/, "SendEmail"],
  ["POST", /^\/v2\/email\/outbound-bulk-emails$/, "SendBulkEmail"],
  ["POST", /\/@connections\/([^/]+)$/, "PostToConnection"],
  ["GET", /\/@connections\/([^/]+)$/, "GetConnection"],
  ["DELETE", /\/@connections\/([^/]+)$/, "DeleteConnection"],
];

const decode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const ofPath = ({ request, operation }: AwsCall): About => {
  for (const [method, pattern, name] of REST) {
    const found = method === request.method && pattern.exec(request.path);
    if (!found) continue;
    const named = found[1] === undefined ? [] : [decode(found[1]), last(decode(found[1]))];
    return { operation: [name, operation], target: [...new Set(named)], key: [] };
  }
  return { operation: [operation], target: [], key: [] };
};

/** S3's operations are told by address, parameters and headers. */
const ofS3 = ({ request, operation }: AwsCall): About => {
  const { method, path, query, headers } = toPathStyle(request);
  const line = `${method} ${path}`;
  try {
    const { bucket, key } = addressOf(path);
    const name = findOperation({ method, bucket, key }, query, headers) ?? operation;
    return {
      operation: [name, line],
      target: bucket === "" ? [] : [bucket, `arn:aws:s3:::${bucket}`],
      key: key === "" ? [] : [key],
    };
  } catch {
    return { operation: [operation, line], target: [], key: [] }; // S3 refuses such an address
  }
};

/** Reads names off a call: its operation, the resources it names, and the keys within them. */
export const describe = (call: AwsCall, keyNames: KeyNames): About => {
  if (call.service === "s3") return ofS3(call);
  const rest = call.protocol.startsWith("rest")
    ? ofPath(call)
    : { operation: [call.operation], target: [], key: [] };
  const found: Found = { target: new Set(rest.target), key: new Set(rest.key) };
  const body =
    call.protocol === "query"
      ? Object.fromEntries(new URLSearchParams(call.request.body.toString("utf8")))
      : parse(call.request.body);
  walk(body, found, keyNames, undefined);
  found.key.delete("");
  return { operation: rest.operation, target: [...found.target], key: [...found.key] };
};

/** Key attributes by table, from the graph. */
export const keyNamesOf = (graph: Pick<Graph, "resources">): KeyNames =>
  new Map(
    graph.resources
      .filter(({ type }) => type === "aws:dynamodb/table:Table")
      .map(({ inputs, outputs, name }) => [
        String(outputs.name ?? inputs.name ?? name),
        [inputs.hashKey, inputs.rangeKey].filter((key) => typeof key === "string"),
      ]),
  );
