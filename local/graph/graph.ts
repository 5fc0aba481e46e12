/** The resource graph: what `sst deploy` would create, with every input resolved. Everything local interprets it. */

/**
 * One resource. `type` is Pulumi's token, e.g. `aws:sqs/queue:Queue`, or SST's component, e.g. `sst:aws:Queue`; SST's
 * dynamic resources carry their class: `sst:aws:KvKeys`, `sst:aws:KvRoutesUpdate`, `sst:aws:BucketFiles`, …
 * A `sst:aws:StaticSite` has `outputs.outputPath`, the folder its build leaves, relative to the app's root; what its
 * `KvKeys` and `BucketFiles` list is a placeholder, for the graph does not hang on a build.
 */
export interface Resource {
  readonly urn: string;
  readonly type: string;
  /** Logical name: the component's or resource's first argument. */
  readonly name: string;
  /** URN of the component this resource is a child of. */
  readonly parent?: string;
  /** Physical id, as AWS would return it (a queue's URL, a table's name, a REST resource's id). */
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Inputs plus what AWS would compute: `arn`, `url`, `rootResourceId`, … */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Where in the repository the resource was declared, e.g. `stacks/orders.ts:24`. */
  readonly source?: string;
}

/** A Lambda function: the deployed resource joined with what SST would have bundled for it. */
export interface FunctionSpec {
  /** Physical function name. */
  readonly name: string;
  readonly arn: string;
  /** SST component name, e.g. `OrdersPlace`. */
  readonly component: string;
  /** `path/to/file.export` relative to the app's root, e.g. `functions/orders/place.handler`. */
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly runtime: string;
  /**
   * The variables the deployed function would hold, with `SST_RESOURCE_<Name>` (JSON) for each link in place of
   * `SST_KEY` and `SST_KEY_FILE`, by which SST's SDK would look for the encrypted links beside the bundle.
   */
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly logGroup: string;
  /** Reserved concurrency; undefined when unreserved. */
  readonly reservedConcurrency?: number;
  /** Asynchronous invocation settings (aws:lambda/functionEventInvokeConfig). */
  readonly async: {
    readonly maxRetries: number;
    readonly maxAgeSeconds: number;
    readonly onFailureArn?: string;
    readonly onSuccessArn?: string;
  };
  /** Dead-letter target ARN of the function itself, when set. */
  readonly deadLetterArn?: string;
  /** SST's `nodejs` build options as given to the CLI (minify, sourcemap, esbuild overrides, install, loader, …). */
  readonly nodejs: Readonly<Record<string, unknown>>;
  /** Files to lay beside the bundle; `from` is absolute. */
  readonly copyFiles?: readonly { readonly from: string; readonly to: string }[];
  /** Absolute path of a folder that is already built (SST's own helpers): `handler` is relative to it. */
  readonly bundle?: string;
  readonly source?: string;
}

export interface Graph {
  readonly app: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  readonly resources: readonly Resource[];
  readonly functions: readonly FunctionSpec[];
  /** What `run()` returned. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** All resources of one Pulumi type. */
export const byType = (graph: Graph, type: string): Resource[] =>
  graph.resources.filter((r) => r.type === type);

/** The resource whose own ARN is `arn`: a rule's target names its target's as an input of the same name. */
export const byArn = (graph: Graph, arn: string): Resource | undefined =>
  graph.resources.find((r) => r.outputs.arn === arn && r.inputs.arn !== arn);

/** The function a Lambda ARN (qualified or not) or an API Gateway invoke ARN points at. */
export const functionByArn = (graph: Graph, arn: string): FunctionSpec | undefined => {
  const inner = /functions\/(arn:aws:lambda:[^/]+)\/invocations$/.exec(arn)?.[1] ?? arn;
  return graph.functions.find((f) => inner === f.arn || inner.startsWith(`${f.arn}:`));
};
