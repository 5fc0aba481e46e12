import { byType } from "../graph/graph.ts";
import type { Cloud } from "../kit/cloud.ts";
import type { RestOptions } from "../services/apigateway/authorization.ts";
import { createRestApis, type RestApiHandler } from "../services/apigateway/rest-api.ts";
import { createDistributions } from "../services/cloudfront/cloudfront.ts";
import type { EdgeOptions } from "../services/cloudfront/edge-origin.ts";
import type { EdgeHandler, EdgeRequest, EdgeResponse } from "./exchange.ts";
import { text } from "./read.ts";
import { page } from "./reply.ts";
import { signedBy } from "./signed.ts";

/** What decides where a request goes. */
export interface DispatchOptions extends Omit<EdgeOptions, "rest"> {
  readonly rest?: Omit<RestOptions, "viewerCountry">;
  /** Further names this machine is reached by, beside localhost and the graph's own. */
  readonly allowedHosts?: readonly string[];
}

/** Sends requests to the API or distribution they name. */
export interface Dispatch {
  readonly handle: EdgeHandler;
  /** Whether a host (lower case, no port) is a name of this machine. */
  isLocal(host: string): boolean;
  /** Forgets paths cached at the edge, as an invalidation does. */
  invalidate(paths: readonly string[]): void;
}

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)*localhost)$/;
const EXECUTE_API = /^([a-z0-9-]+)\.execute-api\./;
const BY_PATH = /^\/_aws\/execute-api\/([^/]+)\/([^/]+)(\/.*)?$/;

const splitStage = (path: string): { stage: string; rest: string } => {
  const at = path.indexOf("/", 1);
  return at < 0 ? { stage: path.slice(1), rest: "/" } : { stage: path.slice(1, at), rest: path.slice(at) };
};

const unknownApi: EdgeResponse = {
  status: 403,
  headers: [["Content-Type", "application/json"]],
  body: '{"message":"Forbidden"}',
};

/** Custom domain names of REST APIs: host → base path → API and stage. */
const customDomains = (cloud: Cloud) => {
  const domains = new Map<string, { base: string; apiId: string; stage: string }[]>();
  for (const mapping of byType(cloud.graph, "aws:apigateway/basePathMapping:BasePathMapping")) {
    const host = text(mapping.inputs.domainName)?.toLowerCase() ?? "";
    const base = text(mapping.inputs.basePath);
    const entry = {
      base: base ? `/${base}` : "",
      apiId: String(mapping.inputs.restApi),
      stage: text(mapping.inputs.stageName) ?? "",
    };
    // The longest base path wins.
    const all = [...(domains.get(host) ?? []), entry].sort((a, b) => b.base.length - a.base.length);
    domains.set(host, all);
  }
  return domains;
};

/** Answers requests that name an API by its host or its custom domain; undefined for all others. */
const restRoute = (cloud: Cloud, apis: ReadonlyMap<string, RestApiHandler>) => {
  const domains = customDomains(cloud);
  return (request: EdgeRequest): Promise<EdgeResponse> | EdgeResponse | undefined => {
    const named = EXECUTE_API.exec(request.host)?.[1];
    if (named !== undefined) {
      const { stage, rest } = splitStage(request.path);
      return apis.get(named)?.handle(request, stage, rest) ?? unknownApi;
    }
    for (const { base, apiId, stage } of domains.get(request.host) ?? []) {
      if (base !== "" && request.path !== base && !request.path.startsWith(`${base}/`)) continue;
      return apis.get(apiId)?.handle(request, stage, request.path.slice(base.length)) ?? unknownApi;
    }
    return undefined;
  };
};

/** `/_aws/execute-api/<api>/<stage>/…`: an API's own address on a machine without its domain names. */
const byPath = (apis: ReadonlyMap<string, RestApiHandler>, request: EdgeRequest) => {
  if (!request.path.startsWith("/_aws/execute-api/")) return undefined;
  const [, id = "", stage = "", rest] = BY_PATH.exec(request.path) ?? [];
  return apis.get(id)?.handle(request, stage, rest ?? "/") ?? unknownApi;
};

/** With no distribution in the graph, its only REST API stands at the root. */
const onlyApi = (cloud: Cloud, apis: ReadonlyMap<string, RestApiHandler>): EdgeHandler => {
  const [api] = apis.values();
  const stage = api?.stages.includes(cloud.graph.stage) ? cloud.graph.stage : (api?.stages[0] ?? "");
  return async (request) =>
    api && apis.size === 1
      ? api.handle(request, stage, request.path)
      : page(
          404,
          "Nothing here",
          "The graph has no distribution and no single REST API to stand at this address.",
        );
};

/** Builds the dispatch over the graph. */
export const createDispatch = (cloud: Cloud, options: DispatchOptions): Dispatch => {
  const country = options.viewerCountry;
  const apis = createRestApis(cloud, {
    verifySigV4: signedBy(cloud),
    ...options.rest,
    ...(country ? { viewerCountry: country } : {}),
  });
  const rest = restRoute(cloud, apis);
  const distributions = createDistributions(cloud, { ...options, rest });
  const byHost = new Map(distributions.flatMap((d) => d.hosts.map((host) => [host, d.handle] as const)));
  const main = distributions[0]?.handle ?? onlyApi(cloud, apis);
  const allowed = new Set(options.allowedHosts ?? []);
  // A page elsewhere that rebinds its name to this machine must not reach it.
  const isLocal = (host: string) => LOCAL.test(host) || allowed.has(host);
  return {
    isLocal,
    async handle(request) {
      const direct = rest(request);
      if (direct !== undefined) return direct;
      const named = byHost.get(request.host);
      if (named) return named(request);
      if (!isLocal(request.host)) {
        return page(421, "421 Misdirected Request", `Nothing in the graph answers to ${request.host}.`);
      }
      return byPath(apis, request) ?? main(request);
    },
    invalidate: (paths) => {
      for (const distribution of distributions) distribution.invalidate(paths);
    },
  };
};
