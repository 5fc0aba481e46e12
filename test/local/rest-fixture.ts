import { createFaults } from "../../local/faults/faults.ts";
import { type Front, type FrontOptions, startFront } from "../../local/front/front.ts";
import type { FunctionSpec, Graph, Resource } from "../../local/graph/graph.ts";
import { type Clock, systemClock } from "../../local/kit/clock.ts";
import type { Cloud, Delivery, Invocation, InvokeOptions } from "../../local/kit/cloud.ts";
import { createCredentials } from "../../local/kit/credentials.ts";
import { createRecorder } from "../../local/kit/recorder.ts";
import { createPermissions } from "../../local/permissions/permissions.ts";

export const REGION = "us-east-1";
export const ACCOUNT = "123456789012";
export const API_ID = "abc123def4";
export const API_ARN = `arn:aws:apigateway:${REGION}::/restapis/${API_ID}`;

type Fields = Record<string, unknown>;

/** One graph resource, with what tests do not care about filled in. */
export const resource = (type: string, name: string, inputs: Fields, outputs: Fields = {}): Resource => ({
  urn: `urn:pulumi:local::app::${type}::${name}`,
  type,
  name,
  id: name,
  inputs,
  outputs: { ...inputs, ...outputs },
});

export const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

export const invokeUri = (name: string) =>
  `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${functionArn(name)}/invocations`;

const gateway = (kind: string) => `aws:apigateway/${kind}`;

/** Builds a REST API as SST does: resources, methods and integrations, one function per route. */
export const restApi = (
  routes: Record<string, Fields & { fn?: string; integration?: Fields }>,
  extra: Resource[] = [],
  options: { api?: Fields; stage?: Fields } = {},
): Resource[] => {
  const resources = new Map([["/", "root"]]);
  const parts: Resource[] = [];
  const methods = Object.entries(routes).flatMap(([route, { fn, integration, ...method }]) => {
    const [httpMethod = "", path = ""] = route.split(" ");
    const segments = path.split("/").filter((s) => s !== "");
    segments.forEach((pathPart, i) => {
      const own = `/${segments.slice(0, i + 1).join("/")}`;
      const parent = `/${segments.slice(0, i).join("/")}`;
      if (resources.has(own)) return;
      resources.set(own, `res${resources.size}`);
      const inputs = { restApi: API_ID, parentId: resources.get(parent), pathPart };
      parts.push(resource(gateway("resource:Resource"), resources.get(own) ?? "", inputs));
    });
    const at = { restApi: API_ID, resourceId: resources.get(path), httpMethod };
    const behind = {
      integrationHttpMethod: "POST",
      type: "AWS_PROXY",
      uri: invokeUri(fn ?? "echo"),
      ...integration,
    };
    return [
      resource(gateway("method:Method"), `method ${route}`, { ...at, authorization: "NONE", ...method }),
      resource(gateway("integration:Integration"), `integration ${route}`, { ...at, ...behind }),
    ];
  });
  return [
    resource(
      gateway("restApi:RestApi"),
      API_ID,
      { name: "app-local-Api", endpointConfiguration: { types: "REGIONAL" }, ...options.api },
      { rootResourceId: "root", arn: API_ARN },
    ),
    ...parts,
    ...methods,
    resource(gateway("stage:Stage"), "stage", {
      restApi: API_ID,
      stageName: "local",
      deployment: "dep123",
      ...options.stage,
    }),
    ...extra,
  ];
};

export const graphOf = (resources: Resource[], functions: FunctionSpec[] = []): Graph => ({
  app: "app",
  stage: "local",
  region: REGION,
  accountId: ACCOUNT,
  resources,
  functions,
  outputs: {},
});

/** A handler as a function of the in-process Lambda. `throw` is an unhandled error; `undefined` an answer of null. */
export type Handlers = Record<string, (event: Fields, options?: InvokeOptions) => unknown>;

export interface Harness {
  readonly front: Front;
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly calls: { fn: string; event: Fields; options?: InvokeOptions }[];
  readonly delivered: { target: string; delivery: Delivery }[];
  readonly printed: string[];
}

/** A cloud whose Lambda runs the given handlers in this process, behind a real front door. */
export const startHarness = async (
  resources: Resource[],
  handlers: Handlers = {},
  options: Partial<FrontOptions> = {},
  endpoint = "http://127.0.0.1:9",
  enforced = false,
): Promise<Harness> => {
  const calls: Harness["calls"] = [];
  const delivered: Harness["delivered"] = [];
  const printed: string[] = [];
  const clock = systemClock();
  const known: Handlers = {
    echo: (event) => ({ statusCode: 200, body: JSON.stringify(event) }),
    ...handlers,
  };
  const invoke = async (arn: string, event: unknown, how?: InvokeOptions): Promise<Invocation> => {
    const fn = arn.split(":").at(-1) ?? "";
    const copy = JSON.parse(JSON.stringify(event));
    calls.push({ fn, event: copy, ...(how ? { options: how } : {}) });
    try {
      const payload = await known[fn]?.(copy, how);
      return {
        requestId: "req",
        durationMs: 1,
        payload: payload === undefined ? null : JSON.parse(JSON.stringify(payload)),
      };
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error);
      return { requestId: "req", durationMs: 1, error: { errorType: "Error", errorMessage } };
    }
  };
  const graph = graphOf(resources);
  const print = (line: string) => void printed.push(line);
  const cloud: Cloud = {
    graph,
    clock,
    ...(enforced ? { permissions: createPermissions({ graph, clock, print }) } : {}),
    credentials: createCredentials(),
    recorder: createRecorder(),
    faults: createFaults(clock),
    endpoint,
    lambda: { invoke, invokeAsync: async () => ({ requestId: "req" }) },
    deliver: async (target, delivery) => void delivered.push({ target, delivery }),
    print,
  };
  const front = await startFront(cloud, { port: 0, ...options });
  return { front, cloud, clock, calls, delivered, printed };
};
