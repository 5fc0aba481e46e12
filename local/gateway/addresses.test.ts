import { expect, it } from "vitest";
import type { Graph, Resource } from "../graph/graph.ts";
import { createAddresses, localAddresses } from "./addresses.ts";

it.each([
  ["https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "http://127.0.0.1:4566/123456789012/orders"],
  ["https://us-east-1.queue.amazonaws.com/1/q.fifo", "http://127.0.0.1:4566/1/q.fifo"],
  ['{"url":"https://sqs.eu-west-1.amazonaws.com/1/q"}', '{"url":"http://127.0.0.1:4566/1/q"}'],
  ["https://example.com/sqs.eu-west-1.amazonaws.com/", "https://example.com/sqs.eu-west-1.amazonaws.com/"],
  ["arn:aws:sqs:eu-west-1:1:q", "arn:aws:sqs:eu-west-1:1:q"],
])("a setting of %s becomes %s", (value, local) => {
  expect(localAddresses(value, "http://127.0.0.1:4566")).toBe(local);
});

const resource = (type: string, id: string, inputs: Record<string, unknown>): Resource => ({
  urn: id,
  type,
  name: id,
  id,
  inputs,
  outputs: inputs,
});
const graph: Graph = {
  app: "a",
  stage: "local",
  region: "eu-west-1",
  accountId: "1",
  functions: [],
  outputs: {},
  resources: [
    resource("aws:apigatewayv2/api:Api", "chat1", { protocolType: "WEBSOCKET" }),
    resource("aws:apigateway/restApi:RestApi", "rest1", {}),
    resource("aws:apigatewayv2/apiMapping:ApiMapping", "m", {
      apiId: "chat1",
      stage: "$default",
      domainName: "ws.example.com",
    }),
    resource("aws:apigatewayv2/apiMapping:ApiMapping", "n", {
      apiId: "chat1",
      stage: "two",
      domainName: "ws.example.com",
      apiMappingKey: "v2",
    }),
  ],
};
const localise = createAddresses(graph, {
  endpoint: "http://127.0.0.1:4566",
  front: "http://127.0.0.1:3000",
});

it.each([
  [
    "wss://chat1.execute-api.eu-west-1.amazonaws.com/$default",
    "ws://127.0.0.1:3000/_aws/execute-api/chat1/$default",
  ],
  [
    '{"managementEndpoint":"https://chat1.execute-api.eu-west-1.amazonaws.com/$default"}',
    '{"managementEndpoint":"http://127.0.0.1:4566/_aws/execute-api/chat1/$default"}',
  ],
  [
    "https://rest1.execute-api.eu-west-1.amazonaws.com/local",
    "http://127.0.0.1:3000/_aws/execute-api/rest1/local",
  ],
  ["wss://ws.example.com", "ws://127.0.0.1:3000/_aws/execute-api/chat1/$default"],
  ['"wss://ws.example.com/v2/"', '"ws://127.0.0.1:3000/_aws/execute-api/chat1/two/"'],
  ["wss://ws.example.com.evil/", "wss://ws.example.com.evil/"],
  [
    "https://other.execute-api.eu-west-1.amazonaws.com/x",
    "https://other.execute-api.eu-west-1.amazonaws.com/x",
  ],
  ["ws.example.com", "ws.example.com"],
])("an API's address %s becomes %s", (value, local) => {
  expect(localise(value)).toBe(local);
});
