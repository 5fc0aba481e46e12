import type { Resource } from "../../graph/graph.ts";
import type { ResourceNode } from "./resources.ts";

/** How a MOCK, AWS or HTTP integration answers for one status. */
export interface IntegrationResponse {
  readonly status: number;
  readonly selectionPattern?: string;
  /** `method.response.header.X` → `'literal'` or `integration.response.header.Y`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
}

/** What stands behind a method. */
export interface Integration {
  readonly type: string;
  readonly uri: string;
  readonly httpMethod: string;
  readonly timeoutMs: number;
  readonly passthrough: string;
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly requestParameters: Readonly<Record<string, string>>;
  readonly responses: readonly IntegrationResponse[];
}

/** One method of one resource, with everything looked up beforehand. */
export interface Method {
  readonly httpMethod: string;
  readonly resourceId: string;
  readonly resourcePath: string;
  readonly authorization: string;
  readonly authorizerId?: string;
  readonly scopes: readonly string[];
  readonly apiKeyRequired: boolean;
  /** `method.request.header.X` → required. */
  readonly requestParameters: Readonly<Record<string, boolean>>;
  /** Content type → model name. */
  readonly requestModels: Readonly<Record<string, string>>;
  readonly validator?: { readonly body: boolean; readonly parameters: boolean };
  readonly integration?: Integration;
  readonly throttle?: { readonly rate: number; readonly burst: number };
}

export interface Stage {
  readonly name: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>> | null;
  readonly accessLog?: { readonly destinationArn: string; readonly format: string };
}

/** A customised gateway response. */
export interface GatewayResponse {
  readonly type: string;
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
}

/** A REST API, read from the graph once. */
export interface RestApi {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly accountId: string;
  readonly region: string;
  readonly edge: boolean;
  readonly apiKeySource: string;
  readonly binaryMediaTypes: readonly string[];
  readonly minimumCompressionSize?: number;
  readonly root: ResourceNode<Method>;
  readonly stages: ReadonlyMap<string, Stage>;
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponse>;
  readonly authorizers: ReadonlyMap<string, Resource>;
  /** Model name → JSON schema text. */
  readonly models: ReadonlyMap<string, string>;
}
