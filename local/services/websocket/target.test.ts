import { describe, expect, it } from "vitest";
import type { SocketApi } from "./model.ts";
import { createTargets } from "./target.ts";

const api = (id: string): SocketApi => ({
  id,
  name: id,
  arn: "",
  executionArn: "",
  region: "eu-west-1",
  selection: "",
  keySource: "header",
  routes: new Map(),
  stages: new Map(),
});
const find = createTargets(new Map([["chat1", api("chat1")]]), [
  { host: "ws.example.com", key: "v1", apiId: "chat1", stage: "$default" },
  { host: "plain.example.com", key: "", apiId: "chat1", stage: "live" },
]);

describe("the address of a WebSocket API", () => {
  it.each([
    [
      "127.0.0.1",
      "/_aws/execute-api/chat1/$default",
      "$default",
      "",
      "chat1.execute-api.eu-west-1.amazonaws.com",
    ],
    [
      "localhost",
      "/_aws/execute-api/chat1/%24default/",
      "$default",
      "",
      "chat1.execute-api.eu-west-1.amazonaws.com",
    ],
    [
      "chat1.execute-api.eu-west-1.amazonaws.com",
      "/live/x",
      "live",
      "/x",
      "chat1.execute-api.eu-west-1.amazonaws.com",
    ],
    ["ws.example.com", "/v1/", "$default", "", "ws.example.com"],
    ["plain.example.com", "/", "live", "", "plain.example.com"],
  ])("%s%s is stage %s", (host, path, stage, rest, domainName) => {
    expect(find(host, path, host === "127.0.0.1" || host === "localhost")).toMatchObject({
      stage,
      rest,
      domainName,
    });
  });

  it.each([
    ["127.0.0.1", "/", true],
    ["127.0.0.1", "/_aws/execute-api/other/live", true],
    ["evil.example", "/_aws/execute-api/chat1/live", false],
    ["ws.example.com", "/v2", false],
    ["other.execute-api.eu-west-1.amazonaws.com", "/live", false],
  ])("%s%s is none", (host, path, local) => {
    expect(find(host, path, local)).toBeUndefined();
  });
});
