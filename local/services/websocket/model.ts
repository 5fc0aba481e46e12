/** A WebSocket API as the graph states it, read once at the start. */
export interface SocketApi {
  readonly id: string;
  readonly name: string;
  /** `arn:aws:apigateway:<region>::/apis/<id>`: how spans name it. */
  readonly arn: string;
  /** `arn:aws:execute-api:<region>:<account>:<id>`: what policies speak of. */
  readonly executionArn: string;
  readonly region: string;
  readonly selection: string;
  /** Whether API keys come with the handshake, or from the authorizer. */
  readonly keySource: "header" | "authorizer";
  readonly routes: ReadonlyMap<string, Route>;
  readonly stages: ReadonlyMap<string, Stage>;
}

/** A stage: what clients connect to. */
export interface Stage {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly accessLog?: { readonly destinationArn: string; readonly format: string };
  /** Limits of every route that states none of its own. */
  readonly throttle?: Throttle;
  readonly routeThrottles: ReadonlyMap<string, Throttle>;
}

/** Messages a second, and how many at once. */
export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

/** One route key with what stands behind it. */
export interface Route {
  readonly key: string;
  readonly authorization: string;
  readonly authorizer?: Authorizer;
  readonly integration?: Integration;
  /** True sends the integration's answer back to the client. */
  readonly responds: boolean;
  readonly apiKeyRequired: boolean;
  /** What the stack states and nothing here does, or does only in part: said once at the start. */
  readonly remarks: readonly string[];
  readonly source?: string;
}

/** A Lambda REQUEST authorizer. */
export interface Authorizer {
  readonly id: string;
  readonly uri: string;
  /** `route.request.querystring.token`, … */
  readonly identitySources: readonly string[];
}

/** What answers a route. */
export interface Integration {
  readonly type: string;
  readonly uri: string;
  readonly method: string;
  readonly timeoutMs: number;
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly requestParameters: Readonly<Record<string, string>>;
  /** Template of the `$default` integration response, by which MOCK answers. */
  readonly responseTemplate?: string;
}

/** Where a custom domain's path leads. */
export interface Mapping {
  readonly host: string;
  /** Without slashes; empty stands at the root. */
  readonly key: string;
  readonly apiId: string;
  readonly stage: string;
}

/** API Gateway's quotas for WebSocket APIs, in bytes and milliseconds. */
export const LIMITS = {
  messageBytes: 131_072,
  frameBytes: 32_768,
  urlChars: 4_096,
  idleMs: 600_000,
  lifeMs: 7_200_000,
  integrationMs: 29_000,
  authorizerResultBytes: 8_192,
  /** What may wait for one slow client before callers are told so: AWS states no figure. */
  waitingBytes: 1_048_576,
  /** Messages of one client that wait their turn before its socket is no longer read: AWS states no figure. */
  waitingMessages: 64,
} as const;
