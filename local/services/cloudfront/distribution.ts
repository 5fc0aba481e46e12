import { type Fields, fields, list, number, text, texts } from "../../front/read.ts";
import { byArn, byType, type Graph, type Resource } from "../../graph/graph.ts";
import type { Cloud } from "../../kit/cloud.ts";
import { compileFunction, type EdgeFunction } from "./edge-function.ts";
import type { KeyValues } from "./key-values.ts";
import {
  type CachePolicy,
  cachePolicyOf,
  type OriginPolicy,
  originPolicyOf,
  responsePolicyOf,
} from "./policies.ts";
import { type ResponseHeaders, responseHeaders } from "./response-headers.ts";

export interface Origin {
  readonly domainName: string;
  readonly path: string;
  readonly protocol: "http" | "https";
  readonly headers: readonly (readonly [string, string])[];
  /** Requests to a bucket are CloudFront's own (access control or identity), not anybody's. */
  readonly signed: boolean;
}

export interface Behavior {
  readonly index: number;
  /** undefined for the default behaviour. */
  readonly pattern?: RegExp;
  readonly origin: Origin;
  readonly allowed: ReadonlySet<string>;
  readonly cached: ReadonlySet<string>;
  readonly compress: boolean;
  readonly cache: CachePolicy;
  readonly forward?: OriginPolicy;
  readonly headers: ResponseHeaders;
  readonly viewerRequest?: EdgeFunction;
  readonly viewerResponse?: EdgeFunction;
}

export interface ErrorPage {
  readonly status?: number;
  readonly path?: string;
  readonly ttl?: number;
}

/** A distribution, read from the graph once. */
export interface Distribution {
  readonly id: string;
  readonly arn: string;
  readonly domainName: string;
  readonly aliases: readonly string[];
  readonly rootObject?: string;
  /** In order; the default comes last. */
  readonly behaviors: readonly Behavior[];
  readonly errors: ReadonlyMap<number, ErrorPage>;
}

const DEFAULT_METHODS = ["GET", "HEAD"];

const patternOf = (glob: string): RegExp => {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source.startsWith("/") ? "" : "/"}${source}$`);
};

const isSigned = (graph: Graph, value: Fields): boolean => {
  if (text(fields(value.s3OriginConfig).originAccessIdentity)) return true;
  const id = text(value.originAccessControlId);
  const control = byType(graph, "aws:cloudfront/originAccessControl:OriginAccessControl").find(
    (one) => one.id === id,
  );
  return id !== undefined && id !== "" && control?.inputs.signingBehavior !== "never";
};

const readOrigin = (graph: Graph, value: Fields): Origin => {
  const policy = text(fields(value.customOriginConfig).originProtocolPolicy);
  return {
    domainName: text(value.domainName) ?? "",
    path: text(value.originPath) ?? "",
    protocol: policy === "http-only" ? "http" : "https",
    headers: list(value.customHeaders).map((entry) => {
      const header = fields(entry);
      return [String(header.name), String(header.value)] as const;
    }),
    signed: isSigned(graph, value),
  };
};

/** Compiles a function of the graph with the key-value stores it is associated with. */
const functionOf = (
  cloud: Cloud,
  stores: ReadonlyMap<string, KeyValues>,
  behavior: Fields,
  eventType: string,
): EdgeFunction | undefined => {
  const association = list(behavior.functionAssociations)
    .map(fields)
    .find((entry) => entry.eventType === eventType);
  const arn = text(association?.functionArn);
  if (!arn) return undefined;
  const resource = byArn(cloud.graph, arn);
  const code = text(resource?.inputs.code);
  if (!resource || !code) throw new Error(`CloudFront function ${arn} has no code in the graph`);
  const arns = texts(resource.inputs.keyValueStoreAssociations);
  const store = (id?: string) => stores.get(arns.find((a) => id === undefined || a.endsWith(`/${id}`)) ?? "");
  return compileFunction(code, store, (line) => cloud.print(`${resource.name}: ${line}`));
};

const readBehavior = (
  cloud: Cloud,
  stores: ReadonlyMap<string, KeyValues>,
  origins: ReadonlyMap<string, Origin>,
  value: Fields,
  index: number,
): Behavior => {
  const origin = origins.get(String(value.targetOriginId));
  if (!origin) throw new Error(`CloudFront behaviour ${value.pathPattern ?? "*"} names an unknown origin`);
  const pattern = text(value.pathPattern);
  const forward = originPolicyOf(cloud.graph, value);
  const viewerRequest = functionOf(cloud, stores, value, "viewer-request");
  const viewerResponse = functionOf(cloud, stores, value, "viewer-response");
  const allowed = texts(value.allowedMethods);
  const cached = texts(value.cachedMethods);
  return {
    index,
    ...(pattern ? { pattern: patternOf(pattern) } : {}),
    origin,
    allowed: new Set(allowed.length > 0 ? allowed : DEFAULT_METHODS),
    cached: new Set(cached.length > 0 ? cached : DEFAULT_METHODS),
    compress: value.compress === true,
    cache: cachePolicyOf(cloud.graph, value),
    ...(forward ? { forward } : {}),
    headers: responseHeaders(responsePolicyOf(cloud.graph, value)),
    ...(viewerRequest ? { viewerRequest } : {}),
    ...(viewerResponse ? { viewerResponse } : {}),
  };
};

const readErrors = (value: unknown): Map<number, ErrorPage> =>
  new Map(
    list(value).map((entry) => {
      const error = fields(entry);
      const status = number(error.responseCode);
      const path = text(error.responsePagePath);
      const ttl = number(error.errorCachingMinTtl);
      return [
        number(error.errorCode) ?? 0,
        {
          ...(status === undefined ? {} : { status }),
          ...(path ? { path } : {}),
          ...(ttl === undefined ? {} : { ttl }),
        },
      ];
    }),
  );

const readDistribution = (
  cloud: Cloud,
  stores: ReadonlyMap<string, KeyValues>,
  resource: Resource,
): Distribution => {
  const { inputs, outputs } = resource;
  const origins = new Map(
    list(inputs.origins).map((o) => [String(fields(o).originId), readOrigin(cloud.graph, fields(o))]),
  );
  const all = [...list(inputs.orderedCacheBehaviors), inputs.defaultCacheBehavior].map(fields);
  const root = text(inputs.defaultRootObject);
  return {
    id: resource.id,
    arn: text(outputs.arn) ?? `arn:aws:cloudfront::${cloud.graph.accountId}:distribution/${resource.id}`,
    domainName: (text(outputs.domainName) ?? `${resource.id}.cloudfront.net`).toLowerCase(),
    aliases: texts(inputs.aliases).map((alias) => alias.toLowerCase()),
    ...(root ? { rootObject: root } : {}),
    behaviors: all.map((behavior, index) => readBehavior(cloud, stores, origins, behavior, index)),
    errors: readErrors(inputs.customErrorResponses),
  };
};

/** SST's Router stands for the app; without one, the first distribution does. */
const rank = (graph: Graph, resource: Resource): number => {
  const types = new Set<string>();
  for (let at: Resource | undefined = resource; at; ) {
    types.add(at.type);
    const parent: string | undefined = at.parent;
    at = parent === undefined ? undefined : graph.resources.find((r) => r.urn === parent);
  }
  if (types.has("sst:aws:Router")) return 0;
  return types.has("sst:aws:HttpsRedirect") ? 2 : 1;
};

/** Every enabled distribution of the graph, the app's own first. */
export const readDistributions = (cloud: Cloud, stores: ReadonlyMap<string, KeyValues>): Distribution[] =>
  byType(cloud.graph, "aws:cloudfront/distribution:Distribution")
    .filter((resource) => resource.inputs.enabled !== false)
    .sort((a, b) => rank(cloud.graph, a) - rank(cloud.graph, b))
    .map((resource) => readDistribution(cloud, stores, resource));

/** The behaviour of a path: the first whose pattern fits, else the default. */
export const behaviorFor = (distribution: Distribution, path: string): Behavior => {
  const found = distribution.behaviors.find((b) => b.pattern === undefined || b.pattern.test(path));
  if (!found) throw new Error(`distribution ${distribution.id} has no default behaviour`);
  return found;
};
