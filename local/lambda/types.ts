import type { FunctionSpec } from "../graph/graph.ts";
import type { Cloud, Invocation, InvokeOptions, Lambda } from "../kit/cloud.ts";

/** One event of a log stream. */
export interface LogEvent {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
  /** Trace of the invocation that wrote it. */
  readonly trace?: string;
}

/** Where log events go: CloudWatch Logs, or a test's array. */
export interface LogSink {
  append(logGroup: string, logStream: string, events: readonly LogEvent[]): void;
  /** Hands over what subscribed functions still have to receive: they must run before the host stops. */
  flush?(): Promise<void>;
}

/** What the host may use of the machine. */
export interface LambdaLimits {
  /** Environments of one function; invocations beyond them wait. Lambda would start one for each. */
  readonly environmentsPerFunction: number;
  /** Environments in all. A function that has none may always start one, so that a caller never starves its callee. */
  readonly environments: number;
  /** Environments starting at the same time: more than there are cores only slows each of them. */
  readonly startingAtOnce: number;
  /** Milliseconds of the cloud's clock after which an unused environment is reclaimed. */
  readonly idleMs: number;
  /** Lambda's limit on the first attempt at initialisation. */
  readonly initTimeoutMs: number;
  /** How long `stop` lets running and queued invocations finish. */
  readonly drainMs: number;
}

/** What the host is given. `cloud.lambda` itself is what it makes. */
export interface LambdaDeps
  extends Pick<
    Cloud,
    "graph" | "clock" | "credentials" | "recorder" | "faults" | "dataDir" | "endpoint" | "deliver" | "print"
  > {
  /** The app's root: handlers are relative to it, bundles go to its `.sst/lambda`. */
  readonly root: string;
  readonly logs: LogSink;
  /** Where functions send X-Ray segments: `127.0.0.1:<port>`. */
  readonly xrayDaemon?: string;
  /** False never looks for edits. */
  readonly watch?: boolean;
  readonly limits?: Partial<LambdaLimits>;
}

/** An invocation with what only `Invoke` calls show. */
export interface HostInvocation extends Invocation {
  /** The answer as the handler's JSON; undefined when it failed. */
  readonly body?: string;
  /** The last 4 KB of its log, for `LogType: Tail`. */
  readonly logTail: string;
}

/** What is known of one function's running state. */
export interface FunctionStats {
  readonly component: string;
  readonly arn: string;
  readonly environments: number;
  readonly busy: number;
  readonly queued: number;
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
  readonly coldStarts: number;
  /** Code size as deployed, once it was bundled. */
  readonly bundleBytes?: number;
  /** The latest cold start: thread start and module run; `importMs` is the module's part. */
  readonly initMs?: number;
  readonly importMs?: number;
}

/** The running host. */
export interface LambdaHost extends Lambda {
  /** `invoke` on a known function, with the raw answer and the log's tail. */
  run(spec: FunctionSpec, event: string, options?: InvokeOptions): Promise<HostInvocation>;
  /** Counts an AWS call made with an environment's keys towards the invocation running there. */
  noteCall(environmentId: string, units: { readUnits: number; writeUnits: number }): void;
  /** Ends an environment under whatever runs in it, as when its runtime process dies. Resolves once it has ended. */
  crash(environmentId: string): Promise<void>;
  /** Request id of the event that runs in an environment. */
  invocationOf(environmentId: string): string | undefined;
  /** Bundles a function, or every one, ahead of its first event. Resolves to bytes by component. */
  build(components?: readonly string[]): Promise<Readonly<Record<string, number>>>;
  stats(): readonly FunctionStats[];
  /** Lets running and queued events finish for a while, then ends every environment. */
  stop(): Promise<void>;
}
