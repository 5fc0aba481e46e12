import { text } from "../front/read.ts";
import { byType, type Graph } from "../graph/graph.ts";

/** SQS in any region, by any of its host names. */
const SQS = /https:\/\/(?:sqs\.[a-z0-9-]+|[a-z0-9-]+\.queue)\.amazonaws\.com(?:\.cn)?(?=\/)/g;

/** API Gateway in any region: the scheme and the API's id. */
const EXECUTE_API = /(https|wss):\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/g;

/**
 * Points queue URLs in a setting at the local endpoint. The SQS client takes the host of a queue's URL for its endpoint,
 * `AWS_ENDPOINT_URL` or not: a URL of AWS's in a function's environment would have it call AWS.
 */
export const localAddresses = (value: string, endpoint: string): string => value.replace(SQS, endpoint);

/** Turns the addresses of the graph's own APIs in a setting into addresses on this machine. */
export type Localise = (value: string) => string;

/** The custom domains of WebSocket APIs: what begins their URLs, and the stage's own address behind it. */
const customDomains = (graph: Graph) =>
  byType(graph, "aws:apigatewayv2/apiMapping:ApiMapping")
    .map(({ inputs }) => {
      const key = text(inputs.apiMappingKey);
      return {
        url: `wss://${text(inputs.domainName) ?? ""}${key ? `/${key}` : ""}`,
        path: `/_aws/execute-api/${text(inputs.apiId) ?? ""}/${text(inputs.stage) ?? ""}`,
      };
    })
    .sort((a, b) => b.url.length - a.url.length);

/**
 * `wss://…` of a WebSocket API leads to the front door, `https://…` of it (the management API) to the AWS endpoint, which verifies and
 * permits; `https://…` of a REST API leads to the front door. An API that is not the graph's stays as it is.
 */
export const createAddresses = (graph: Graph, at: { endpoint: string; front: string }): Localise => {
  const rest = new Set(byType(graph, "aws:apigateway/restApi:RestApi").map((api) => api.id));
  const sockets = new Set(
    byType(graph, "aws:apigatewayv2/api:Api")
      .filter((api) => api.inputs.protocolType === "WEBSOCKET")
      .map((api) => api.id),
  );
  const front = at.front.replace(/^http/, "ws");
  const domains = customDomains(graph);
  return (value) => {
    const local = value.replace(EXECUTE_API, (url: string, scheme: string, id: string) => {
      if (sockets.has(id)) return `${scheme === "wss" ? front : at.endpoint}/_aws/execute-api/${id}`;
      return rest.has(id) && scheme === "https" ? `${at.front}/_aws/execute-api/${id}` : url;
    });
    return domains.reduce(
      (text, { url, path }) =>
        text.includes(url)
          ? text.replaceAll(
              new RegExp(`${url.replace(/[.$]/g, "\\$&")}(?![\\w.:-])`, "g"),
              () => front + path,
            )
          : text,
      local,
    );
  };
};

/** The graph as functions on this machine are to see it: with local addresses in their environment. */
export const withAddresses = (graph: Graph, localise: Localise): Graph => ({
  ...graph,
  functions: graph.functions.map((spec) => ({
    ...spec,
    environment: Object.fromEntries(
      Object.entries(spec.environment).map(([name, value]) => [name, localise(value)]),
    ),
  })),
});
