import { describe, expect, it } from "vitest";
import type { Graph, Resource } from "../../graph/graph.ts";
import { readSocketApis } from "./read-model.ts";

const resource = (kind: string, id: string, inputs: Record<string, unknown>): Resource => ({
  urn: id,
  type: `aws:apigatewayv2/${kind}`,
  name: id,
  id,
  inputs: { apiId: "a1", ...inputs },
  outputs: {},
  source: "stacks/desk.ts:7",
});
const graph = (...resources: Resource[]): Graph => ({
  app: "a",
  stage: "local",
  region: "eu-west-1",
  accountId: "1",
  functions: [],
  outputs: {},
  resources: [resource("api:Api", "a1", { protocolType: "WEBSOCKET" }), ...resources],
});
const route = (routeKey: string, inputs: Record<string, unknown> = {}) =>
  resource("route:Route", routeKey, { routeKey, target: "integrations/i", ...inputs });
const integration = resource("integration:Integration", "i", {
  integrationType: "AWS_PROXY",
  timeoutMilliseconds: 60_000,
});
const response = resource("routeResponse:RouteResponse", "r", {
  routeId: "say",
  routeResponseKey: "$default",
});
const only = (...resources: Resource[]) =>
  readSocketApis(graph(integration, ...resources))[0]?.routes.get("say");

describe("a WebSocket API of the graph", () => {
  it("refuses what AWS would not take, by the line that states it", () => {
    const jwt = resource("authorizer:Authorizer", "jwt", { authorizerType: "JWT" });
    expect(() => readSocketApis(graph(jwt))).toThrow(
      /^jwt \(stacks\/desk\.ts:7\): a WebSocket API takes Lambda authorizers/,
    );
    const guarded = route("say", { authorizationType: "CUSTOM" });
    expect(() => readSocketApis(graph(guarded))).toThrow(
      "Route say (stacks/desk.ts:7): only $connect can be authorized",
    );
    const open = route("$connect", { authorizationType: "JWT" });
    expect(() => readSocketApis(graph(open))).toThrow("a WebSocket API knows no JWT authorization");
    const lost = route("$connect", { authorizationType: "CUSTOM", authorizerId: "none" });
    expect(() => readSocketApis(graph(lost))).toThrow("names an authorizer that its API does not have");
  });

  it("answers a route only where both the response and its selection are stated", () => {
    const selects = { routeResponseSelectionExpression: "$default" };
    expect(only(route("say", selects), response)).toMatchObject({ responds: true, remarks: [] });
    expect(only(route("say", selects))).toMatchObject({
      responds: false,
      remarks: [expect.stringContaining("no route response")],
    });
    expect(only(route("say"), response)).toMatchObject({
      responds: false,
      remarks: [expect.stringContaining("never selected")],
    });
    expect(only(route("say"))).toMatchObject({ responds: false, remarks: [] });
  });

  it("gives an integration 29 seconds at most, and says what nothing local serves", () => {
    expect(only(route("say"))?.integration?.timeoutMs).toBe(29_000);
    const aws = resource("integration:Integration", "i2", { integrationType: "AWS" });
    const remarks = only(
      aws,
      route("say", { target: "integrations/i2", modelSelectionExpression: "$request.body.action" }),
    )?.remarks;
    expect(remarks).toEqual([
      "nothing local serves AWS integrations",
      "messages are not checked against its models here",
    ]);
    expect(only(route("say", { target: "" }))?.remarks).toEqual([
      "it has no integration, and answers nothing",
    ]);
  });

  it("is no HTTP API", () => {
    expect(
      readSocketApis({ ...graph(), resources: [resource("api:Api", "h", { protocolType: "HTTP" })] }),
    ).toEqual([]);
  });
});
