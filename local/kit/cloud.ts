import type { Readable } from "node:stream";
import type { Faults } from "../faults/faults.ts";
import type { Graph } from "../graph/graph.ts";
import type { Clock } from "./clock.ts";
import type { Caller, Credentials } from "./credentials.ts";
import type { Permissions } from "./permissions.ts";
import type { Recorder } from "./recorder.ts";

/** What every local service is given. Services never import one another; they meet here. */
export interface Cloud {
  readonly graph: Graph;
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly recorder: Recorder;
  /** Faults on purpose; none until rules are added. */
  readonly faults: Faults;
  /** Who may do what, by the policies of the graph; undefined where nobody is asked. */
  readonly permissions?: Permissions;
  /** Where data lives on disk; undefined keeps everything in memory. */
  readonly dataDir?: string;
  /** `http://127.0.0.1:<port>`: the one AWS endpoint, set before any service starts. */
  readonly endpoint: string;
  /** Invokes a function as Lambda would. Set once `local/lambda` has started. */
  readonly lambda: Lambda;
  /** Delivers to any ARN a trigger can target (queue, bus, function, log group …), as AWS would on the service's behalf. */
  deliver(targetArn: string, delivery: Delivery): Promise<void>;
  /** One readable line for the terminal. */
  print(line: string): void;
}

/** What a rule, schedule, destination or notification hands to its target. */
export interface Delivery {
  readonly body: string;
  /** ARN of what sends. */
  readonly sourceArn: string;
  readonly trace?: string;
  /** SQS FIFO only. */
  readonly messageGroupId?: string;
  readonly deduplicationId?: string;
  /** The role AWS assumes to deliver; without one the target's own policy decides, or the sending function's role. */
  readonly roleArn?: string;
  /** Message attributes for queues and topics (type String), e.g. why a dead letter died. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Message attributes of any type, as a topic carries them; binary values are base64. */
  readonly messageAttributes?: Readonly<
    Record<
      string,
      { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: string }
    >
  >;
  /** Topics only: of the mail that a subscription by e-mail receives. */
  readonly subject?: string;
}

/** The outcome of one invocation. */
export interface Invocation {
  readonly requestId: string;
  /** What the handler returned, parsed from JSON; undefined when it failed. */
  readonly payload?: unknown;
  /** Unhandled error, timeout or init error, shaped as Lambda shapes it. */
  readonly error?: {
    readonly errorType: string;
    readonly errorMessage: string;
    readonly trace?: readonly string[];
  };
  /** Set when no environment could be had (reserved concurrency reached): the caller decides what a throttle means. */
  readonly throttled?: true;
  readonly durationMs: number;
  readonly initMs?: number;
}

export interface InvokeOptions {
  /** `X-Amzn-Trace-Id` to carry on. */
  readonly trace?: string;
  /** ARN of the trigger, for the map. */
  readonly from?: string;
  /** What AWS would state as `aws:SourceArn` where that is not `from`: an API's method, an authorizer. */
  readonly sourceArn?: string;
  /** What the span shows beside what Lambda knows, e.g. how old the records of a batch are. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** `aws-lambda-…` client context, for Invoke calls only. */
  readonly clientContext?: unknown;
}

export interface Lambda {
  /** Waits for the answer. Never rejects for what the handler did. */
  invoke(functionArn: string, event: unknown, options?: InvokeOptions): Promise<Invocation>;
  /** Queues an event as `InvocationType: Event` does: retries with backoff, then on-failure destination or DLQ. */
  invokeAsync(functionArn: string, event: unknown, options?: InvokeOptions): Promise<{ requestId: string }>;
}

/** A verified call that reached the AWS endpoint. */
export interface AwsRequest {
  readonly method: string;
  /** Decoded by nobody: as it stood on the request line, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body as it arrives, decoded of any `aws-chunked` framing: only for a service that `streams`, whose `body` is empty. */
  readonly stream?: Readable;
  /** What followed the streamed body (checksums, in lower-case names); empty when nothing did. Settles when the stream closes. */
  readonly trailers?: Promise<Readonly<Record<string, string>>>;
  /** Undefined only for calls AWS accepts unsigned (Cognito sign-in, JWKS, public objects). */
  readonly caller?: Caller;
  readonly region: string;
  readonly requestId: string;
  /**
   * The call's place in its trace, whether its caller brought one or none: for what the local cloud itself does next.
   * What AWS would hand on by its header alone is read from `headers`.
   */
  readonly trace?: string;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
  /** True cuts the connection instead of answering: what a caller sees whose call took effect and whose answer was lost. */
  readonly drop?: true;
  /** For the span of this call. */
  readonly detail?: {
    readonly readUnits?: number;
    readonly writeUnits?: number;
    readonly [extra: string]: unknown;
  };
  /** ARN of the resource touched, for the map. */
  readonly node?: string;
}

/** Reads something of a service for the console: JSON, or a ViewDocument. Throws an error with a sentence for people when it cannot. */
export type View = (query: URLSearchParams) => unknown;

/** Does something to a service for the console. Throws an error with a sentence for people when it cannot. */
export type Action = (input: Readonly<Record<string, unknown>>) => unknown;

/** Takes bytes from the console as they come: they are never held whole. Throws as an action does. */
export type Upload = (
  query: URLSearchParams,
  body: Readable,
  told: { readonly type: string; readonly length: string | undefined },
) => unknown;

/** The head of a call, before anything is known of who makes it. */
export type UnsignedCall = Pick<AwsRequest, "method" | "path" | "query" | "headers">;

/** One AWS service behind the endpoint. `name` is its SigV4 signing name: `dynamodb`, `sqs`, `events`, … */
export interface AwsService {
  readonly name: string;
  handle(request: AwsRequest): Promise<AwsResponse>;
  /** What is served, as the API's reference names it: `sqs:SendMessage`. The prefix tells APIs of one signing name apart. */
  readonly operations?: readonly string[];
  /** True takes bodies as streams: they are never held whole. */
  readonly streams?: true;
  /** Whether this service answers a call that nobody signed: it then decides by itself who may. */
  unsigned?(call: UnsignedCall): boolean;
  /** Name of the operation a REST call asks for, e.g. `PutObject`; undefined leaves `METHOD /path`. */
  operation?(call: UnsignedCall): string | undefined;
  /** What the console shows of this service beyond its AWS API, by name: `GET /_local/<service>/<view>?…`, answered as JSON. */
  readonly views?: Readonly<Record<string, View>>;
  /** What a person may do to this service at the console, by name: `POST /_local/<service>/<action>` with a JSON body. */
  readonly actions?: Readonly<Record<string, Action>>;
  /** What a person may put into this service, by name: `PUT /_local/<service>/<upload>?…` with the bytes as its body. */
  readonly uploads?: Readonly<Record<string, Upload>>;
  /** Targets this service accepts on AWS's own behalf, e.g. `arn:aws:sqs:` for queue targets of rules. */
  readonly accepts?: string;
  deliver?(targetArn: string, delivery: Delivery): Promise<void>;
  /** Starts pollers and timers; called after every service is registered. */
  start?(): Promise<void>;
  /** Hands functions nothing more. Called before Lambda stops, so that no event counts as failed for being refused there. */
  pause?(): Promise<void>;
  stop?(): Promise<void>;
}

/** How a service module is written: `export const sqs: ServiceFactory = (cloud) => ({ name: "sqs", … })`. */
export type ServiceFactory = (cloud: Cloud) => AwsService | Promise<AwsService>;
