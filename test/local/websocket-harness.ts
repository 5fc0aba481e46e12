import { startFront } from "../../local/front/front.ts";
import type { Resource } from "../../local/graph/graph.ts";
import { type WebSockets, webSockets } from "../../local/services/websocket/websocket.ts";
import { ACCOUNT, graphOf, REGION, type Running, resource, startCloud } from "./gateway-fixture.ts";

export const API = "sock3t";
export const API_ARN = `arn:aws:apigateway:${REGION}::/apis/${API}`;
const TYPE = "aws:apigatewayv2/";

type Fields = Record<string, unknown>;

export const invokeUri = (name: string) =>
  `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}/invocations`;

/** A route by its key: the function it leads to, and what its resource and integration state besides. */
export type Routes = Record<string, Fields & { fn?: string; two?: boolean; integration?: Fields }>;

/** A WebSocket API as SST makes it. */
export const socketApi = (routes: Routes, stage: Fields = {}, extra: Resource[] = []): Resource[] => [
  resource(
    `${TYPE}api:Api`,
    API,
    { name: "Desk", protocolType: "WEBSOCKET", routeSelectionExpression: "$request.body.action" },
    { id: API, arn: API_ARN },
  ),
  resource(`${TYPE}stage:Stage`, "stage", { apiId: API, name: "live", ...stage }),
  resource(`${TYPE}authorizer:Authorizer`, "auth", {
    apiId: API,
    authorizerType: "REQUEST",
    authorizerUri: invokeUri("admit"),
    identitySources: ["route.request.querystring.token", "route.request.header.X-Tenant"],
  }),
  ...Object.entries(routes).flatMap(([routeKey, { fn = "echo", two, integration, ...route }]) => [
    resource(`${TYPE}integration:Integration`, `to ${routeKey}`, {
      apiId: API,
      integrationType: "AWS_PROXY",
      integrationUri: invokeUri(fn),
      ...integration,
    }),
    resource(`${TYPE}route:Route`, `route ${routeKey}`, {
      apiId: API,
      routeKey,
      target: `integrations/to ${routeKey}`,
      authorizationType: "NONE",
      ...(two ? { routeResponseSelectionExpression: "$default" } : {}),
      ...route,
    }),
    ...(two
      ? [
          resource(`${TYPE}routeResponse:RouteResponse`, `answer ${routeKey}`, {
            apiId: API,
            routeId: `route ${routeKey}`,
            routeResponseKey: "$default",
          }),
        ]
      : []),
  ]),
  ...extra,
];

/** What a function of the harness is given. */
export interface Event {
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly queryStringParameters?: Record<string, string>;
  readonly requestContext: {
    readonly connectionId: string;
    readonly routeKey: string;
    readonly eventType: string;
    readonly authorizer?: Record<string, unknown>;
    readonly disconnectStatusCode?: number;
    readonly disconnectReason?: string;
    readonly [more: string]: unknown;
  };
}

export type Functions = Record<string, (event: Event) => unknown>;

export interface Sockets extends Running {
  readonly sockets: WebSockets;
  /** `ws://127.0.0.1:<port>/_aws/execute-api/<api>/live` */
  readonly url: string;
  readonly port: number;
  /** Events of one function, in the order they came. */
  events(fn: string): Event[];
}

/** Real front door and endpoint around the WebSocket service; the functions are the test's, in this process. */
export const startSockets = async (resources: Resource[], functions: Functions = {}): Promise<Sockets> => {
  let sockets: WebSockets | undefined;
  const known: Functions = { echo: ({ body }) => ({ statusCode: 200, body }), ...functions };
  const running = await startCloud({
    graph: graphOf(resources),
    services: [
      (cloud) => {
        sockets = webSockets(cloud);
        return sockets;
      },
    ],
    handler: (event, seen) => {
      const name = seen.at(-1)?.functionArn.split(":").at(-1) ?? "";
      return known[name]?.(event as Event);
    },
  });
  if (!sockets) throw new Error("The service was not built");
  const service = sockets;
  const front = await startFront(running.cloud, { port: 0, upgrade: service.upgrade });
  return {
    ...running,
    sockets: service,
    port: front.port,
    url: `ws://127.0.0.1:${front.port}/_aws/execute-api/${API}/live`,
    events: (fn) =>
      running.seen
        .filter(({ functionArn }) => functionArn.endsWith(`:${fn}`))
        .map(({ event }) => event as Event),
    async stop() {
      await service.closeAll();
      await front.close();
      await running.stop();
    },
  };
};
