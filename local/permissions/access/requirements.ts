import { cbor } from "@smithy/core/cbor";
import type { AwsCall } from "../../gateway/gateway.ts";
import type { Graph } from "../../graph/graph.ts";
import { readQuery } from "../../kit/query.ts";
import type { Access, Input, ServiceCall, Table } from "./access.ts";
import { record } from "./access.ts";
import { cognito, sts } from "./accounts.ts";
import { events } from "./buses.ts";
import { connectionOperation, connections } from "./connections.ts";
import { dynamodb } from "./dynamodb.ts";
import { LAMBDA_ROUTES, lambda } from "./functions.ts";
import { logs } from "./logs.ts";
import { ses } from "./mails.ts";
import { monitoring, XRAY_ROUTES, xray } from "./metrics.ts";
import { s3, s3OperationOf } from "./objects.ts";
import { sqs } from "./queues.ts";
import { SCHEDULER_ROUTES, scheduler } from "./schedules.ts";
import { SES_ROUTES } from "./ses-routes.ts";
import { secretsmanager, ssm } from "./settings.ts";
import { sns } from "./topics.ts";

type Routes = readonly (readonly [RegExp, string])[];

interface Service {
  readonly table: Table;
  readonly routes?: Routes;
  /** True where no permission hangs on the body, which may be large, or no JSON. */
  readonly bodyless?: true;
}

/** By signing name. */
const SERVICES: ReadonlyMap<string, Service> = new Map<string, Service>([
  ["dynamodb", { table: dynamodb }],
  ["sqs", { table: sqs }],
  ["events", { table: events }],
  ["logs", { table: logs }],
  ["cognito-idp", { table: cognito }],
  ["sts", { table: sts }],
  ["sns", { table: sns }],
  ["secretsmanager", { table: secretsmanager }],
  ["ssm", { table: ssm }],
  ["monitoring", { table: monitoring }],
  ["ses", { table: ses, routes: SES_ROUTES }],
  ["scheduler", { table: scheduler, routes: SCHEDULER_ROUTES }],
  ["lambda", { table: lambda, routes: LAMBDA_ROUTES, bodyless: true }],
  ["xray", { table: xray, routes: XRAY_ROUTES, bodyless: true }],
  ["execute-api", { table: connections, bodyless: true }],
  ["s3", { table: s3, bodyless: true }],
]);

/** A body that cannot be read asks for nothing by name: the service refuses it, after the permission of the operation as such. */
const readBody = ({ protocol, request }: AwsCall): Input => {
  try {
    if (protocol === "query") return readQuery(request);
    if (request.body.length === 0) return {};
    if (protocol === "cbor") return record(cbor.deserialize(request.body));
    return record(JSON.parse(request.body.toString("utf8")));
  } catch {
    return {};
  }
};

const routed = (routes: Routes, { request }: AwsCall): string | undefined => {
  const line = `${request.method} ${request.path}`;
  return routes.find(([pattern]) => pattern.test(line))?.[1];
};

/** The operation a call means, as its service's API reference names it. */
export const operationOf = (call: AwsCall, graph: Graph): string | undefined => {
  if (call.service === "s3") return s3OperationOf(call.request);
  if (call.service === "execute-api") return connectionOperation(graph, call.request);
  const routes = SERVICES.get(call.service)?.routes;
  const named = call.protocol !== "rest-json" && call.protocol !== "rest-xml";
  return routes && !named ? routed(routes, call) : call.operation;
};

/** The permissions a call needs; undefined when nobody has written down which. */
export const requirements = (call: AwsCall, graph: Graph): readonly Access[] | undefined => {
  const service = SERVICES.get(call.service);
  const operation = operationOf(call, graph);
  const { table, bodyless } = service ?? {};
  const reader = table && operation && Object.hasOwn(table, operation) ? table[operation] : undefined;
  if (!reader || operation === undefined) return undefined;
  const read: ServiceCall = {
    operation,
    request: call.request,
    graph,
    region: call.request.region || graph.region,
    account: graph.accountId,
    input: bodyless ? {} : readBody(call),
  };
  return reader(read);
};
