import middy from "@middy/core";
import type { APIGatewayProxyResult } from "aws-lambda";
import type * as v from "valibot";
import * as Tokens from "#core/identity/tokens.ts";
import type { User } from "#core/identity/user.schema.ts";
import { Problem, parse, problemKinds, toDocument } from "#core/kit/problem.ts";
import type { SocketOperation } from "#core/kit/socket.schema.ts";
import { type FactsOf, factsOf, type Guard, guard } from "./limits.ts";
import { observed } from "./observe.ts";
import { viewerIp } from "./proxy.ts";
import { toProblem } from "./unhandled.ts";

/** What API Gateway hands over of a WebSocket: the handshake alone bears headers and a query. */
export interface SocketEvent {
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly eventType: "CONNECT" | "MESSAGE" | "DISCONNECT";
    readonly connectionId: string;
    readonly connectedAt: number;
    readonly requestId: string;
    readonly domainName: string;
    readonly stage: string;
    readonly authorizer?: Readonly<Record<string, unknown>>;
    readonly identity: { readonly sourceIp: string };
    readonly disconnectStatusCode?: number;
    readonly disconnectReason?: string;
  };
}

/** Who is at the other end, for as long as the connection lasts. */
export interface Peer {
  readonly connectionId: string;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  readonly ip: string;
  readonly domainName: string;
  readonly stage: string;
  readonly requestId: string;
  /** Lower-case names; of the handshake alone. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of `$disconnect`: why. */
  readonly ended?: { readonly code: number; readonly reason: string };
}

type OutputOf<S> = S extends v.GenericSchema ? v.InferOutput<S> : undefined;

/** A validated message, handshake or end. A part is undefined where the operation has no schema for it. */
export interface Message<O extends SocketOperation> {
  readonly body: OutputOf<O["body"]>;
  readonly query: OutputOf<O["query"]>;
  readonly user: O["auth"] extends "required" ? User : User | undefined;
  readonly peer: Peer;
}

/** What is answered: data as JSON, or nothing. Headers are the handshake's: the protocol that was agreed on. */
export interface SocketReply {
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The WebSocket door: judges each message by the operation's limits, validates it, runs the use case, answers by the route's
 * response. What goes wrong is answered as a problem document, with the message's own `id`, and the connection stays open: it is
 * the message that is refused. A handshake that is refused is refused with the problem's status.
 */
export const socket = <O extends SocketOperation>(
  operation: O,
  run: (message: Message<O>) => Promise<SocketReply | undefined>,
  ...[facts]: FactsOf<O, Message<O>>
) =>
  middy<SocketEvent, APIGatewayProxyResult>()
    .use(observed())
    .handler(async (event) => {
      const { peer, user } = toPeer(event);
      const limits = guardOf(operation, peer, user);
      try {
        const message = await toMessage(operation, event, peer, user, limits);
        await limits?.enterBy(factsOf(facts, message));
        const reply = await run(message);
        await limits?.settle(undefined);
        return answer(event, 200, reply?.body, reply?.headers);
      } catch (error) {
        const problem = toProblem(error);
        await limits?.settle(problem.kind);
        const { status } = problemKinds[problem.kind];
        return answer(event, status, toDocument(problem), {
          ...problem.extra.headers,
          ...limits?.headers(status),
        });
      }
    });

const toPeer = (event: SocketEvent): { peer: Peer; user: User | undefined } => {
  const { requestContext: context } = event;
  const { connectionId, connectedAt, domainName, stage, requestId, authorizer, disconnectStatusCode } =
    context;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers ?? {}))
    if (typeof value === "string") headers[name.toLowerCase()] = value;
  // A message bears no headers: who came through the edge is known from the handshake, and kept by the authorizer if at all.
  const kept = typeof authorizer?.ip === "string" ? authorizer.ip : undefined;
  const peer: Peer = {
    connectionId,
    connectedAt,
    domainName,
    stage,
    requestId,
    headers,
    ip: kept ?? viewerIp(context.identity.sourceIp, headers),
    ...(disconnectStatusCode !== undefined && {
      ended: { code: disconnectStatusCode, reason: context.disconnectReason ?? "" },
    }),
  };
  return { peer, user: typeof authorizer?.userId === "string" ? Tokens.fromContext(authorizer) : undefined };
};

// Who leaves has left: an end that were refused would leave its traces behind.
const guardOf = (operation: SocketOperation, peer: Peer, user: User | undefined): Guard | undefined =>
  operation.action === "$disconnect"
    ? undefined
    : guard({
        ...operation,
        route: `${operation.action} ${operation.handler}`,
        connection: peer.connectionId,
        who: { ip: peer.ip, ...(user && { user: user.id }) },
      });

const toMessage = async <O extends SocketOperation>(
  { auth, query, body }: O,
  event: SocketEvent,
  peer: Peer,
  user: User | undefined,
  limits: Guard | undefined,
): Promise<Message<O>> => {
  await limits?.enter();
  if (auth === "required" && !user) throw new Problem("unauthenticated", "Connect with a token");
  return {
    peer,
    user,
    query: query && parse(query, event.queryStringParameters ?? {}, "query"),
    body: body && parse(body, readMessage(event), "body"),
  } as Message<O>;
};

const textOf = ({ body, isBase64Encoded }: SocketEvent): string =>
  isBase64Encoded ? Buffer.from(body ?? "", "base64").toString("utf8") : (body ?? "");

const readMessage = (event: SocketEvent): unknown => {
  try {
    return JSON.parse(textOf(event));
  } catch (cause) {
    throw new Problem("malformed-json", "The message could not be read as JSON", { cause });
  }
};

const MAX_ID = 128; // characters of an id that are repeated to who sent it

/** The id a message bears, whatever else is wrong with it. */
const idOf = (event: SocketEvent): { id?: string | number } => {
  try {
    const id: unknown = Object(JSON.parse(textOf(event))).id;
    return typeof id === "number" || (typeof id === "string" && id.length <= MAX_ID) ? { id } : {};
  } catch {
    return {};
  }
};

/** A handshake is told by its status. A message is answered by its text alone, so what handled it has not failed. */
const answer = (
  event: SocketEvent,
  status: number,
  body: Readonly<Record<string, unknown>> | undefined,
  headers: Readonly<Record<string, string>> = {},
): APIGatewayProxyResult => {
  const { eventType } = event.requestContext;
  const id = eventType === "MESSAGE" ? idOf(event) : {};
  return {
    statusCode: eventType === "CONNECT" ? status : 200,
    ...(eventType === "CONNECT" && { headers: { ...headers } }),
    body: body === undefined ? "" : JSON.stringify({ ...body, ...id }),
  };
};
