import { rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { AwsRequest, AwsResponse, Cloud, ServiceFactory, UnsignedCall } from "../../kit/cloud.ts";
import { served } from "../../kit/served.ts";
import { addressOf } from "./address.ts";
import type { Extension, Handler, S3Answer, S3Context, S3Request } from "./contract.ts";
import { asFault, faultAnswer } from "./errors.ts";
import { extensions } from "./extensions.ts";
import { fault, S3Fault } from "./fault.ts";
import { graphBuckets } from "./graph-buckets.ts";
import { objectApi } from "./object-api.ts";
import { passingFolder } from "./passing-folder.ts";
import { findOperation, OPERATIONS } from "./routes.ts";
import { openStore } from "./store.ts";
import type { Bucket, Store } from "./types.ts";
import { withVirtualHosts } from "./virtual-host.ts";

type Handlers = Readonly<Record<string, Handler>>;

const typeOf = ({ bucket, key }: { bucket: string; key: string }) =>
  key ? "OBJECT" : bucket ? "BUCKET" : "SERVICE";

const requestOf = (call: AwsRequest): S3Request => {
  const { bucket, key } = addressOf(call.path);
  const { method, query, headers, region, requestId, caller, trace } = call;
  const operation =
    method === "OPTIONS" ? "Preflight" : findOperation({ method, bucket, key }, query, headers);
  if (!operation) {
    throw fault("MethodNotAllowed", { Method: method, ResourceType: typeOf({ bucket, key }) });
  }
  return {
    method,
    operation,
    bucket,
    key,
    query,
    headers,
    stream: call.stream ?? Readable.from(call.body.length > 0 ? [call.body] : [], { objectMode: false }),
    trailers: call.trailers ?? Promise.resolve({}),
    ...(caller ? { caller } : {}),
    ...(trace ? { trace } : {}),
    region,
    requestId,
    sourceIp: "127.0.0.1", // the endpoint listens on the loopback only
  };
};

/** Longest key, bytes. */
const KEY_LIMIT = 1_024;

/** What is wrong with any call, whatever it wants. */
const check = ({ key, headers, operation, bucket }: S3Request, { cloud, store }: S3Context) => {
  const size = Buffer.byteLength(key);
  if (size > KEY_LIMIT) throw fault("KeyTooLongError", { Size: size, MaxSizeAllowed: KEY_LIMIT });
  const owner = headers["x-amz-expected-bucket-owner"];
  if (owner !== undefined && owner !== cloud.graph.accountId) throw fault("AccessDenied");
  if (bucket && operation !== "CreateBucket" && operation !== "Preflight" && !store.bucket(bucket)) {
    throw fault("NoSuchBucket", { BucketName: bucket });
  }
};

const operationOf = ({ method, path, query, headers }: UnsignedCall): string | undefined => {
  try {
    return findOperation({ method, ...addressOf(path) }, query, headers);
  } catch {
    return undefined;
  }
};

const isHere = (store: Store, { path }: UnsignedCall): boolean => {
  try {
    return store.bucket(addressOf(path).bucket) !== undefined;
  } catch {
    return false;
  }
};

const run = (handlers: Handlers, request: S3Request, context: S3Context) => {
  const handler = handlers[request.operation];
  if (handler) return handler(request, context);
  throw new S3Fault("NotImplemented", {
    status: 501,
    message: `The local s3 service does not serve ${request.operation}.`,
  });
};

/** The door: extensions first, then the operation, then what extensions add to its answer. */
const answer = async (
  request: S3Request,
  context: S3Context,
  parts: readonly Extension[],
  handlers: Handlers,
) => {
  check(request, context);
  const bucket: Bucket | undefined = request.bucket ? context.store.bucket(request.bucket) : undefined;
  if (
    !request.caller &&
    request.operation !== "Preflight" &&
    !parts.some((part) => part.allowsAnonymous?.(request, bucket))
  )
    throw fault("AccessDenied");
  for (const part of parts) {
    const early = await part.before?.(request, bucket);
    if (early) return early;
  }
  return run(handlers, request, context);
};

const finish = (request: S3Request, given: S3Answer, parts: readonly Extension[]): S3Answer =>
  parts.reduce((done, part) => part.after?.(request, done) ?? done, given);

const dataFolder = (cloud: Cloud) =>
  cloud.dataDir ? { folder: join(cloud.dataDir, "s3") } : { folder: passingFolder(), passing: true };

const idsOf = (requestId: string) => ({
  requestId: requestId.replaceAll("-", "").slice(0, 16).toUpperCase(),
  hostId: Buffer.from(requestId.repeat(2)).toString("base64"),
});

/** Answers a call, whatever becomes of it: S3's refusals are answers too. */
const handleWith =
  (context: S3Context, parts: readonly Extension[], handlers: Handlers) =>
  async (call: AwsRequest): Promise<AwsResponse> => {
    const ids = idsOf(call.requestId);
    let request: S3Request | undefined;
    let given: S3Answer;
    try {
      request = requestOf(call);
      given = await answer(request, context, parts, handlers);
    } catch (error) {
      const known = asFault(error);
      if (!known) throw error;
      given = faultAnswer(known, { method: call.method, resource: call.path, ...ids });
    }
    if (request) given = finish(request, given, parts);
    return {
      ...given,
      headers: {
        "x-amz-request-id": ids.requestId,
        "x-amz-id-2": ids.hostId,
        server: "AmazonS3",
        ...given.headers,
      },
      ...(request?.bucket ? { node: `arn:aws:s3:::${request.bucket}` } : {}),
    };
  };

/** S3 from the graph's buckets and by API; bytes on disk always, in a passing folder without a data directory. */
export const s3: ServiceFactory = (cloud) => {
  const { folder, passing } = dataFolder(cloud);
  const store = openStore(join(folder, "buckets"), cloud.clock);
  const parts: Extension[] = [];
  const merged = <Value>(of: (part: Extension) => Readonly<Record<string, Value>> | undefined) =>
    Object.assign({}, ...parts.map((part) => of(part) ?? {})) as Readonly<Record<string, Value>>;
  const context: S3Context = {
    cloud,
    store,
    emit: (event) => {
      for (const part of parts) part.onObjectEvent?.(event);
    },
    run: async (request) => run(handlers, request, context),
  };
  for (const extension of extensions) parts.push(extension(context));
  const handlers: Handlers = { ...objectApi, ...merged(({ operations }) => operations) };
  graphBuckets(cloud, store);

  return withVirtualHosts({
    name: "s3",
    streams: true,
    handle: handleWith(context, parts, handlers),
    operation: operationOf,
    operations: served("s3", handlers).filter((name) => OPERATIONS.has(name.slice("s3:".length))),
    // whether nobody in particular may is decided bucket by bucket, in `answer`
    unsigned: (call) => isHere(store, call),
    views: merged(({ views }) => views),
    actions: merged(({ actions }) => actions),
    uploads: merged(({ uploads }) => uploads),
    async start() {
      for (const part of parts) await part.start?.();
    },
    async pause() {
      for (const part of parts) await part.pause?.();
    },
    async stop() {
      for (const part of parts) await part.stop?.();
      store.close();
      if (passing) rmSync(folder, { recursive: true, force: true });
    },
  });
};
