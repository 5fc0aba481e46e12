import type { Readable } from "node:stream";
import type { Action, AwsResponse, Cloud, Upload, View } from "../../kit/cloud.ts";
import type { Caller } from "../../kit/credentials.ts";
import type { Bucket, Store } from "./types.ts";

/** A call to S3: addressed, with its route found. Virtual-host addresses have become bucket and key by then. */
export interface S3Request {
  readonly method: string;
  /** `PutObject`. */
  readonly operation: string;
  /** Empty for calls to the service. */
  readonly bucket: string;
  /** Decoded; empty for calls to a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** Lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, decoded of `aws-chunked`. */
  readonly stream: Readable;
  /** Headers that followed the body; settles once `stream` has closed. */
  readonly trailers: Promise<Readonly<Record<string, string>>>;
  /** Undefined for an anonymous request. */
  readonly caller?: Caller;
  readonly region: string;
  readonly requestId: string;
  readonly sourceIp: string;
  /** The call's place in its trace. */
  readonly trace?: string;
}

/** What an operation answers; XML bodies are strings. */
export type S3Answer = Omit<AwsResponse, "drop" | "node">;

/** Names of changes as event notifications write them, without the `s3:` that filters carry. */
export type EventName =
  | "ObjectCreated:Put"
  | "ObjectCreated:Post"
  | "ObjectCreated:Copy"
  | "ObjectCreated:CompleteMultipartUpload"
  | "ObjectRemoved:Delete"
  | "ObjectRemoved:DeleteMarkerCreated"
  | "ObjectTagging:Put"
  | "ObjectTagging:Delete"
  | "ObjectAcl:Put"
  | "LifecycleExpiration:Delete"
  | "LifecycleExpiration:DeleteMarkerCreated";

/** A change that has taken effect. */
export interface ObjectEvent {
  readonly name: EventName;
  readonly bucket: string;
  readonly key: string;
  readonly size?: number;
  readonly etag?: string;
  /** Undefined in a bucket that was never versioned. */
  readonly versionId?: string;
  /** Hexadecimal, rises with each change of a key: compared as text after padding. */
  readonly sequencer: string;
  /** Epoch ms. */
  readonly at: number;
  /** Access key of the caller; `Lifecycle` for S3's own doing. */
  readonly requester: string;
  readonly sourceIp: string;
  readonly requestId: string;
  /** The call's place in its trace, to carry on. */
  readonly trace?: string;
}

/** What operations and extensions work with. */
export interface S3Context {
  readonly cloud: Cloud;
  readonly store: Store;
  /** Tells every extension of a change. Never throws. */
  emit(event: ObjectEvent): void;
  /** Runs an operation from inside, as the caller of `request`: POST uploads become PutObject. */
  run(request: S3Request): Promise<S3Answer>;
}

/** Does one operation. Throws S3Fault for what S3 refuses. */
export type Handler = (request: S3Request, context: S3Context) => S3Answer | Promise<S3Answer>;

/** Something beside the object API: CORS, notifications, lifecycle, bucket configuration, public access, … */
export interface Extension {
  /** Handlers by operation name; the names and their routes stand in routes.ts. */
  readonly operations?: Readonly<Record<string, Handler>>;
  /** Sees every call after its route is found: may answer in its place (preflight) or throw (no public access). */
  before?(
    request: S3Request,
    bucket: Bucket | undefined,
  ): S3Answer | undefined | Promise<S3Answer | undefined>;
  /** Whether this call may be made by nobody in particular: public objects, websites, POST uploads with a policy of their own. */
  allowsAnonymous?(request: S3Request, bucket: Bucket | undefined): boolean;
  /** Sees every answer, errors too: adds headers (CORS). */
  after?(request: S3Request, answer: S3Answer): S3Answer;
  /** Must not throw; slow work goes on by itself. */
  onObjectEvent?(event: ObjectEvent): void;
  /** The buckets of the graph exist by then: what the graph says of them is applied here. */
  start?(): Promise<void>;
  pause?(): Promise<void>;
  stop?(): Promise<void>;
  readonly views?: Readonly<Record<string, View>>;
  readonly actions?: Readonly<Record<string, Action>>;
  readonly uploads?: Readonly<Record<string, Upload>>;
}

/** Makes an extension over the store. */
export type ExtensionFactory = (context: S3Context) => Extension;
