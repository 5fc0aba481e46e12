import { decode } from "../../front/exchange.ts";
import type { Graph } from "../../graph/graph.ts";
import type { AwsRequest } from "../../kit/cloud.ts";
import { readMappings, readSocketApis } from "../../services/websocket/read-model.ts";
import { createTargets, type FindTarget } from "../../services/websocket/target.ts";
import { arnOf, type Reader, type ServiceCall, type Table } from "./access.ts";

const CONNECTION = /^\/@connections\/([^/]+)$/;
const OPERATIONS: Readonly<Record<string, string>> = {
  POST: "PostToConnection",
  GET: "GetConnection",
  DELETE: "DeleteConnection",
};

const finders = new WeakMap<Graph, FindTarget>();

/** The API, stage and connection of a call, as the service itself reads its address. */
const targetOf = (graph: Graph, { headers, path }: AwsRequest) => {
  let find = finders.get(graph);
  if (!find) {
    find = createTargets(new Map(readSocketApis(graph).map((api) => [api.id, api])), readMappings(graph));
    finders.set(graph, find);
  }
  const host = (headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
  return find(host, path, true);
};

/** The operation of a call to the management of connections. */
export const connectionOperation = (graph: Graph, request: AwsRequest): string | undefined => {
  const target = targetOf(graph, request);
  // an address that is no API's is refused by the service, whatever the permissions
  const named = target === undefined || CONNECTION.test(decode(target.rest));
  return named ? OPERATIONS[request.method] : undefined;
};

const manage: Reader = (call: ServiceCall) => {
  const target = targetOf(call.graph, call.request);
  const id = CONNECTION.exec(decode(target?.rest ?? ""))?.[1] ?? "*";
  const place = target ? `${target.api.id}/${target.stage}` : "*/*";
  const resource = `${place}/${call.request.method}/@connections/${id}`;
  return [{ action: "execute-api:ManageConnections", resource: arnOf(call, "execute-api", resource) }];
};

/** Operations of a WebSocket API's management. */
export const connections: Table = {
  PostToConnection: manage,
  GetConnection: manage,
  DeleteConnection: manage,
};
