import { byType } from "../../graph/graph.ts";
import { arnOf, type Reader, type ServiceCall, type Table } from "./access.ts";

// On this machine an API's management address is `/_aws/execute-api/<api>/<stage>/@connections/<id>`; on AWS its host names it.
const PATH = /^(?:\/_aws\/execute-api\/([^/]+))?\/([^/]+)\/@connections\/?(.*)$/;
const HOST = /^([a-z0-9]+)\.execute-api\./;

const decode = (part: string) => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** An address that names no API means the only WebSocket API there is. */
const apiOf = (call: ServiceCall, named: string | undefined): string =>
  named ??
  HOST.exec(call.request.headers.host ?? "")?.[1] ??
  byType(call.graph, "aws:apigatewayv2/api:Api").find(({ inputs }) => inputs.protocolType === "WEBSOCKET")
    ?.id ??
  "*";

const manage: Reader = (call) => {
  const [, api, stage = "*", id = ""] = PATH.exec(call.request.path) ?? [];
  const resource = `${apiOf(call, api)}/${stage}/${call.request.method}/@connections/${decode(id)}`;
  return [{ action: "execute-api:ManageConnections", resource: arnOf(call, "execute-api", resource) }];
};

/** Request line → operation of a WebSocket API's management. */
export const CONNECTION_ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^POST .*\/@connections\//, "PostToConnection"],
  [/^GET .*\/@connections\//, "GetConnection"],
  [/^DELETE .*\/@connections\//, "DeleteConnection"],
];

/** Operations of a WebSocket API's management. */
export const connections: Table = {
  PostToConnection: manage,
  GetConnection: manage,
  DeleteConnection: manage,
};
