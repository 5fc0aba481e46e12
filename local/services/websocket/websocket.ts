import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AwsService, Cloud } from "../../kit/cloud.ts";
import { createCheckKey, createThrottles } from "./handle.ts";
import { createHandshakes } from "./handshake.ts";
import { closeAll } from "./life.ts";
import { manage, OPERATIONS, operationOf } from "./management.ts";
import type { Shared } from "./messages.ts";
import type { SocketApi } from "./model.ts";
import { readMappings, readSocketApis } from "./read-model.ts";
import { createTargets } from "./target.ts";
import { actionsOf, viewsOf } from "./views.ts";

/** The WebSocket APIs of the graph: their side at the front door, and their management API as a service. */
export interface WebSockets extends AwsService {
  readonly apis: readonly SocketApi[];
  /** Takes an upgrade that is for one of the APIs: true when it did. `local` is whether the host names this machine. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, local: boolean): boolean;
  /** Closes every connection with 1001, within two seconds. */
  closeAll(): Promise<void>;
}

const pathOf = (request: IncomingMessage) =>
  (request.url ?? "/").replace(/^https?:\/\/[^/?]+/i, "").split("?", 1)[0] ?? "/";

const hostOf = (request: IncomingMessage) => (request.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");

/** What the API would do on a wire of its own is said here once, so that nobody waits for what never comes. */
const warn = ({ print }: Cloud, apis: readonly SocketApi[]): void => {
  for (const { name, routes } of apis) {
    for (const { key, remarks, source } of routes.values()) {
      for (const remark of remarks)
        print(`✗ ${name}: route ${key}${source ? ` (${source})` : ""}: ${remark}`);
    }
  }
};

/** Builds the WebSocket APIs of the graph. */
export const webSockets = (cloud: Cloud): WebSockets => {
  const apis = readSocketApis(cloud.graph);
  warn(cloud, apis);
  const find = createTargets(new Map(apis.map((api) => [api.id, api])), readMappings(cloud.graph));
  const shared: Shared = {
    cloud,
    throttles: createThrottles(cloud),
    checkKey: createCheckKey(cloud),
    connections: new Map(),
    endings: new Set(),
    stopped: false,
  };
  const knock = createHandshakes(shared);
  return {
    name: "execute-api",
    apis,
    upgrade(request, socket, head, local) {
      const target = find(hostOf(request), pathOf(request), local);
      if (!target) return false;
      knock({ request, socket, head, target }).catch((error: unknown) => {
        cloud.print(`✗ ${target.api.name}: ${error instanceof Error ? error.message : String(error)}`);
        socket.destroy();
      });
      return true;
    },
    operation: (call) => operationOf(find, call),
    operations: Object.values(OPERATIONS).map((operation) => `execute-api:${operation}`),
    handle: async (request) => manage(shared, find, request),
    views: viewsOf(shared),
    actions: actionsOf(shared),
    closeAll: () => closeAll(shared),
    stop: () => closeAll(shared),
  };
};
