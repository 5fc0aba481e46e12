import type { Caller } from "./credentials.ts";

/** What AWS does on its own behalf, or on a role's, to something another policy guards. */
export interface ServiceAct {
  /** `sqs:SendMessage` */
  readonly action: string;
  /** ARN of what it is done to. */
  readonly resource: string;
  /** ARN of the resource that makes AWS act: `aws:SourceArn` of the target's policy. A function's ARN stands for its role. */
  readonly sourceArn: string;
  /** The role AWS assumes for it; without one the target's own policy decides. */
  readonly roleArn?: string;
  /** The line of the stack that has AWS act, to be told with a refusal. */
  readonly declaredAt?: string;
  /** Nobody misses what is refused: it is neither told nor kept. */
  readonly onlyAsks?: true;
}

/** Condition keys and their values, e.g. `{ "s3:prefix": "photos/" }`. */
export type ConditionKeys = Readonly<Record<string, string | readonly string[]>>;

/** Who may do what, by the policies of the graph. Each refusal is told on the terminal and kept for the report. */
export interface Permissions {
  /** Why AWS would refuse a caller, in AWS's words; undefined when it may. The developer may do everything. */
  refuses(
    caller: Caller | undefined,
    action: string,
    resource: string,
    keys?: ConditionKeys,
  ): string | undefined;
  /** Why AWS would not act; undefined when it may. */
  refusesService(act: ServiceAct): string | undefined;
  /** Why an event source mapping could not be made: its function's role must be able to read the source. */
  refusesMapping(functionArn: string, sourceArn: string): string | undefined;
  /** Whether the resource's own policy opens it to callers nobody knows. A deny there wins over every ACL. */
  anonymous(action: string, resource: string, keys?: ConditionKeys): "allow" | "deny" | "none";
  /** Replaces a resource's policy while the cloud runs (`PutBucketPolicy`); undefined removes it. Throws `MalformedPolicyDocument`. */
  setResourcePolicy(resourceArn: string, document: unknown): void;
}
