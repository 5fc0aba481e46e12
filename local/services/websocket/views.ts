import { headerOf } from "../../front/exchange.ts";
import type { Action, View } from "../../kit/cloud.ts";
import { type Connection, close } from "./connection.ts";
import { post, type Shared } from "./messages.ts";
import { LIMITS } from "./model.ts";

/** A row of the console's list of connections. Times are RFC 3339. */
export interface ConnectionRow {
  readonly id: string;
  readonly api: string;
  readonly stage: string;
  readonly connectedAt: string;
  readonly lastActiveAt: string;
  readonly sourceIp: string;
  readonly userAgent?: string;
  readonly principal?: string;
  readonly received: number;
  readonly sent: number;
}

const rowOf = ({ peer, lastActiveAt, received, sent }: Connection): ConnectionRow => {
  const userAgent = headerOf(peer.headers, "user-agent");
  const principal = peer.authorizer?.principalId ?? peer.identity?.userArn;
  return {
    id: peer.connectionId,
    api: peer.api.name,
    stage: peer.stage.name,
    connectedAt: new Date(peer.connectedAt).toISOString(),
    lastActiveAt: new Date(lastActiveAt).toISOString(),
    sourceIp: peer.sourceIp,
    ...(userAgent ? { userAgent } : {}),
    ...(typeof principal === "string" ? { principal } : {}),
    received,
    sent,
  };
};

const find = ({ connections }: Shared, input: Readonly<Record<string, unknown>>): Connection => {
  const connection = connections.get(String(input.id));
  if (!connection) throw new Error(`There is no open connection ${String(input.id)}`);
  return connection;
};

/** What the console shows: `connections`, the newest first, at most 1,000 of them. */
export const viewsOf = (shared: Shared): Record<string, View> => ({
  connections: () => {
    const all = [...shared.connections.values()].reverse();
    return { total: all.length, connections: all.slice(0, 1_000).map(rowOf) };
  },
});

/** What a person may do: `send` (`id`, `data`) and `disconnect` (`id`). */
export const actionsOf = (shared: Shared): Record<string, Action> => ({
  send: (input) => {
    if (typeof input.data !== "string") throw new Error("data is the text to send");
    const data = Buffer.from(input.data);
    if (data.length > LIMITS.messageBytes) throw new Error("A message takes 128 KB at most");
    const outcome = post(shared, find(shared, input), data, {});
    if (outcome !== "sent")
      throw new Error(outcome === "full" ? "The client does not read" : "It is closing");
    return { sent: data.length };
  },
  disconnect: (input) => {
    close(find(shared, input), 1000, "Connection Closed Normally");
    return { closed: true };
  },
});
