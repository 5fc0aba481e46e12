import { type Fields, fields, number, text, texts } from "../../front/read.ts";
import { byType, type Graph } from "../../graph/graph.ts";
import { MANAGED_CACHE, MANAGED_ORIGIN, MANAGED_RESPONSE } from "./managed-policies.ts";

/** Which of the request's names a policy takes: none, all, some, or all but some. Names are lower case for headers. */
export interface Choice {
  readonly behavior: "none" | "all" | "some" | "except";
  readonly names: ReadonlySet<string>;
}

/** What makes two requests the same, and for how long an answer holds (seconds). */
export interface CachePolicy {
  readonly minTtl: number;
  readonly defaultTtl: number;
  readonly maxTtl: number;
  readonly headers: Choice;
  readonly cookies: Choice;
  readonly query: Choice;
  readonly gzip: boolean;
  readonly brotli: boolean;
}

/** What the origin is sent beside the cache key. */
export interface OriginPolicy {
  readonly headers: Choice;
  /** CloudFront's own headers that the origin gets, lower case. */
  readonly generated: ReadonlySet<string>;
  readonly cookies: Choice;
  readonly query: Choice;
}

const NONE: Choice = { behavior: "none", names: new Set() };

/** Whether a choice takes a name. */
export const takes = (choice: Choice, name: string): boolean => {
  if (choice.behavior === "all") return true;
  if (choice.behavior === "none") return false;
  return choice.names.has(name) === (choice.behavior === "some");
};

const choice = (behavior: unknown, names: unknown, lower: boolean): Choice => {
  const list = texts(fields(names).items ?? names).map((name) => (lower ? name.toLowerCase() : name));
  const set = new Set(list);
  if (behavior === "whitelist") return { behavior: "some", names: set };
  if (behavior === "allExcept") return { behavior: "except", names: set };
  if (behavior === "all" || behavior === "allViewer" || behavior === "allViewerAndWhitelistCloudFront") {
    return { behavior: "all", names: set };
  }
  return NONE;
};

const headerChoice = (value: unknown): Choice => {
  const config = fields(value);
  return choice(config.headerBehavior, config.headers, true);
};
const cookieChoice = (value: unknown): Choice => {
  const config = fields(value);
  return choice(config.cookieBehavior, config.cookies, false);
};
const queryChoice = (value: unknown): Choice => {
  const config = fields(value);
  return choice(config.queryStringBehavior, config.queryStrings, false);
};

const readCache = (inputs: Fields): CachePolicy => {
  const key = fields(inputs.parametersInCacheKeyAndForwardedToOrigin);
  const minTtl = number(inputs.minTtl) ?? 0;
  return {
    minTtl,
    defaultTtl: Math.max(minTtl, number(inputs.defaultTtl) ?? 86_400),
    maxTtl: Math.max(minTtl, number(inputs.maxTtl) ?? 31_536_000),
    headers: headerChoice(key.headersConfig),
    cookies: cookieChoice(key.cookiesConfig),
    query: queryChoice(key.queryStringsConfig),
    gzip: key.enableAcceptEncodingGzip === true,
    brotli: key.enableAcceptEncodingBrotli === true,
  };
};

/** Behaviours without a cache policy still carry the old `forwardedValues`. */
const readForwarded = (behavior: Fields): CachePolicy => {
  const values = fields(behavior.forwardedValues);
  const headers = texts(values.headers);
  return readCache({
    minTtl: behavior.minTtl ?? 0,
    defaultTtl: behavior.defaultTtl ?? 86_400,
    maxTtl: behavior.maxTtl ?? 31_536_000,
    parametersInCacheKeyAndForwardedToOrigin: {
      headersConfig: { headerBehavior: headers.includes("*") ? "allViewer" : "whitelist", headers },
      cookiesConfig: {
        cookieBehavior: fields(values.cookies).forward ?? "none",
        cookies: fields(values.cookies).whitelistedNames,
      },
      queryStringsConfig: { queryStringBehavior: values.queryString === true ? "all" : "none" },
      enableAcceptEncodingGzip: behavior.compress === true,
    },
  });
};

const custom = (graph: Graph, type: string, id: string): Fields | undefined =>
  byType(graph, `aws:cloudfront/${type}`).find((resource) => resource.id === id)?.inputs;

/** The cache policy of a behaviour. */
export const cachePolicyOf = (graph: Graph, behavior: Fields): CachePolicy => {
  const id = text(behavior.cachePolicyId);
  if (!id) return readForwarded(behavior);
  const inputs = MANAGED_CACHE[id] ?? custom(graph, "cachePolicy:CachePolicy", id);
  if (!inputs) throw new Error(`CloudFront cache policy ${id} is neither managed nor in the graph`);
  return readCache(inputs);
};

/** The origin request policy of a behaviour; undefined sends the cache key's parts only. */
export const originPolicyOf = (graph: Graph, behavior: Fields): OriginPolicy | undefined => {
  const id = text(behavior.originRequestPolicyId);
  if (!id) return undefined;
  const inputs = MANAGED_ORIGIN[id] ?? custom(graph, "originRequestPolicy:OriginRequestPolicy", id);
  if (!inputs) throw new Error(`CloudFront origin request policy ${id} is neither managed nor in the graph`);
  const headers = headerChoice(inputs.headersConfig);
  const generated = [...headers.names].filter((name) => name.startsWith("cloudfront-"));
  return {
    headers,
    generated: new Set(headers.behavior === "except" ? [] : generated),
    cookies: cookieChoice(inputs.cookiesConfig),
    query: queryChoice(inputs.queryStringsConfig),
  };
};

/** The response headers policy of a behaviour, as the graph writes it. */
export const responsePolicyOf = (graph: Graph, behavior: Fields): Fields | undefined => {
  const id = text(behavior.responseHeadersPolicyId);
  if (!id) return undefined;
  const inputs = MANAGED_RESPONSE[id] ?? custom(graph, "responseHeadersPolicy:ResponseHeadersPolicy", id);
  if (!inputs)
    throw new Error(`CloudFront response headers policy ${id} is neither managed nor in the graph`);
  return inputs;
};
