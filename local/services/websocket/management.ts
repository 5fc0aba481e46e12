import { decode, headerOf } from "../../front/exchange.ts";
import type { AwsRequest, AwsResponse, UnsignedCall } from "../../kit/cloud.ts";
import { type Connection, close, isOpen } from "./connection.ts";
import { isConnectionId } from "./context.ts";
import { post, type Shared } from "./messages.ts";
import { LIMITS } from "./model.ts";
import type { FindTarget, Target } from "./target.ts";

/** Of the management API, by method. */
export const OPERATIONS: Readonly<Record<string, string>> = {
  POST: "PostToConnection",
  GET: "GetConnection",
  DELETE: "DeleteConnection",
};

const CONNECTIONS = /^\/@connections\/([^/]+)$/;

const fault = (status: number, code: string, message: string | null = null): AwsResponse => ({
  status,
  headers: { "content-type": "application/json", "x-amzn-errortype": code },
  body: JSON.stringify(message === null ? {} : { message }),
});

const hostOf = (headers: Readonly<Record<string, string>>) =>
  (headers.host ?? "").toLowerCase().replace(/:\d+$/, "");

/** The endpoint has no name but this machine's: AWS's host names and custom domains count as well as the path. */
const targetOf = (find: FindTarget, { headers, path }: Pick<AwsRequest, "headers" | "path">) =>
  find(hostOf(headers), path, true);

/** What a call asks for, by AWS's names; undefined when it is none of the management API. */
export const operationOf = (find: FindTarget, call: UnsignedCall): string | undefined => {
  const target = targetOf(find, call);
  return target && CONNECTIONS.test(decode(target.rest)) ? OPERATIONS[call.method] : undefined;
};

const describe = ({ peer, lastActiveAt }: Connection): AwsResponse => {
  const userAgent = headerOf(peer.headers, "user-agent");
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      connectedAt: new Date(peer.connectedAt).toISOString(),
      identity: { sourceIp: peer.sourceIp, ...(userAgent ? { userAgent } : {}) },
      lastActiveAt: new Date(lastActiveAt).toISOString(),
    }),
  };
};

const postTo = (shared: Shared, connection: Connection, request: AwsRequest): AwsResponse => {
  if (request.body.length > LIMITS.messageBytes) {
    return fault(413, "PayloadTooLargeException", "Message too long");
  }
  const trace = request.headers["x-amzn-trace-id"];
  const from = request.caller?.functionArn;
  const outcome = post(shared, connection, request.body, {
    ...(trace ? { trace } : {}),
    ...(from ? { from } : {}),
  });
  if (outcome === "gone") return fault(410, "GoneException");
  return outcome === "full" ? fault(429, "LimitExceededException") : { status: 200 };
};

const perform = (shared: Shared, target: Target, id: string, request: AwsRequest): AwsResponse => {
  if (!isConnectionId(id)) return fault(400, "BadRequestException", `Invalid connectionId: ${id}`);
  const connection = shared.connections.get(id);
  const { api, stage } = connection?.peer ?? {};
  // A connection is its own API's and stage's alone: to all others it does not exist.
  if (!connection || api !== target.api || stage?.name !== target.stage || !isOpen(connection)) {
    return fault(410, "GoneException");
  }
  if (request.method === "POST") return postTo(shared, connection, request);
  if (request.method === "GET") return describe(connection);
  close(connection, 1000, "Connection Closed Normally");
  return { status: 204 };
};

/** Answers a call to the management API (`@connections`). */
export const manage = (shared: Shared, find: FindTarget, request: AwsRequest): AwsResponse => {
  const target = targetOf(find, request);
  if (!target) {
    const said = `Forbidden: ${hostOf(request.headers)}${request.path} is no WebSocket API. The client's endpoint must name one and its stage`;
    return fault(403, "ForbiddenException", said);
  }
  if (!target.api.stages.has(target.stage)) return fault(403, "ForbiddenException", "Forbidden");
  const id = CONNECTIONS.exec(decode(target.rest))?.[1];
  if (id === undefined || !OPERATIONS[request.method]) {
    const said = `The local execute-api serves POST, GET and DELETE of @connections, not ${request.method} ${request.path}`;
    return fault(501, "NotImplemented", said);
  }
  const node = `${target.api.executionArn}/${target.stage}/${request.method}/@connections/*`;
  return { ...perform(shared, target, id, request), node, detail: { connectionId: id } };
};
