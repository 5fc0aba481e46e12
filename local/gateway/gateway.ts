import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BodyFault } from "../kit/body-fault.ts";
import type { Clock } from "../kit/clock.ts";
import type { AwsRequest, AwsResponse, AwsService } from "../kit/cloud.ts";
import type { Credentials } from "../kit/credentials.ts";
import type { Recorder } from "../kit/recorder.ts";
import { admit, openService, readHead } from "./admit.ts";
import { type AwsFault, faultResponse, type Spoken } from "./protocol.ts";
import { send } from "./send.ts";
import { attemptOf, type Position, placeInTrace } from "./trace.ts";
import { corsHeaders, preflight } from "./unsigned.ts";

/** A verified call about to be handed to its service. */
export interface AwsCall extends Spoken {
  /** Signing name of the service. */
  readonly service: string;
  readonly request: AwsRequest;
  /** Resolves once the caller has gone: it gave up waiting, or it ended. */
  gone(): Promise<void>;
}

/** May refuse a call: permissions sit here. The first fault returned is the answer. */
export type Before = (call: AwsCall) => AwsFault | undefined | Promise<AwsFault | undefined>;

/** Stands around a call that was let through: may hold it up, change it, answer in its place, or lose its answer. */
export type Around = (
  call: AwsCall,
  next: (changed?: AwsRequest) => Promise<AwsResponse>,
) => Promise<AwsResponse>;

/** What the gateway needs of the cloud, and whom it tells. */
export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly recorder: Recorder;
  readonly print: (line: string) => void;
  /** Services known at the start; the others join with `register`, for they are built knowing the endpoint. */
  readonly services?: readonly AwsService[];
  readonly before?: readonly Before[];
  readonly around?: Around;
  /** Called after each call that an execution environment made. */
  readonly onCall?: (environmentId: string, units: { readUnits: number; writeUnits: number }) => void;
}

/** The running endpoint. */
export interface Gateway {
  /** `http://127.0.0.1:<port>`: the value of `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
  readonly port: number;
  readonly services: ReadonlyMap<string, AwsService>;
  register(service: AwsService): void;
  stop(): Promise<void>;
}

const serve = async (
  call: AwsCall,
  services: ReadonlyMap<string, AwsService>,
  options: GatewayOptions,
): Promise<AwsResponse> => {
  const { service: name, operation, request, protocol } = call;
  const fail = (fault: AwsFault): AwsResponse => {
    const { headers, ...response } = faultResponse(protocol, fault, request.requestId);
    const { detail } = fault;
    return { ...response, headers: { ...headers, ...fault.headers }, ...(detail ? { detail } : {}) };
  };
  const service = services.get(name);
  if (!service) {
    const message = `No local service answers "${name}" (${operation}). The call was not sent to AWS.`;
    options.print(`✗ ${message} Caller: ${request.caller?.functionArn ?? "developer"}`);
    return fail({ status: 501, code: "NotImplemented", message });
  }
  try {
    for (const hook of options.before ?? []) {
      const fault = await hook(call);
      if (fault) return fail(fault);
    }
    const handle = (changed = request) => service.handle(changed);
    return await (options.around ? options.around(call, handle) : handle());
  } catch (error) {
    if (error instanceof BodyFault) return fail(error);
    options.print(
      `✗ ${name}:${operation} ${error instanceof Error ? (error.stack ?? error.message) : error}`,
    );
    return fail({ status: 500, code: "InternalFailure", message: `The local ${name} service failed.` });
  }
};

const record = (
  call: AwsCall,
  answer: AwsResponse,
  { start, began, position }: { start: number; began: number; position: Position },
  options: GatewayOptions,
) => {
  const { caller, requestId } = call.request;
  const { readUnits = 0, writeUnits = 0 } = answer.detail ?? {};
  if (caller?.environmentId) options.onCall?.(caller.environmentId, { readUnits, writeUnits });
  options.recorder.record({
    ...position,
    kind: "aws",
    node: answer.node ?? `arn:aws:${call.service}:${call.request.region}::`,
    ...(caller?.functionArn ? { from: caller.functionArn } : {}),
    name: `${call.service}:${call.operation}`,
    start,
    durationMs: performance.now() - began,
    ...(answer.status >= 400 ? { error: `${call.operation} answered ${answer.status}` } : {}),
    detail: {
      ...answer.detail,
      ...attemptOf(call.request),
      status: answer.status,
      requestId,
      ...(caller?.environmentId ? { environmentId: caller.environmentId } : {}),
    },
  });
};

const answer = async (
  raw: IncomingMessage,
  services: ReadonlyMap<string, AwsService>,
  options: GatewayOptions,
  proceed: () => void,
) => {
  const requestId = randomUUID();
  const time = { start: options.clock.now(), began: performance.now() };
  const { credentials } = options;
  const admitted = await admit(raw, { services, credentials, now: time.start, requestId, proceed });
  const { spoken, service } = admitted;
  if ("fault" in admitted) {
    options.print(
      `✗ ${service || "aws"}:${spoken.operation} refused: ${admitted.fault.code} ${admitted.fault.message}`,
    );
    return { requestId, response: faultResponse(spoken.protocol, admitted.fault, requestId) };
  }
  const gone = () =>
    raw.socket.destroyed
      ? Promise.resolve()
      : new Promise<void>((resolve) => void raw.socket.once("close", resolve));
  const { position, request } = placeInTrace(admitted.request, time.start);
  const call: AwsCall = { ...spoken, service, request, gone };
  const response = await serve(call, services, options);
  admitted.request.stream?.destroy();
  record(call, response, { ...time, position }, options);
  // browsers sign in straight from the page: AWS lets any origin do so
  const cors = admitted.request.caller || admitted.request.stream ? {} : corsHeaders(undefined);
  return { requestId, response: { ...response, headers: { ...cors, ...response.headers } } };
};

const exchange = async (
  raw: IncomingMessage,
  response: ServerResponse,
  services: ReadonlyMap<string, AwsService>,
  options: GatewayOptions,
) => {
  // asked for at the first read: who refuses by the headers alone spares the client its body
  let asked = raw.headers.expect === undefined;
  const proceed = () => {
    if (!asked) response.writeContinue();
    asked = true;
  };
  const reply = (given: AwsResponse, requestId: string) =>
    send(response, given, { requestId, now: options.clock.now(), asked });
  try {
    if (raw.method === "OPTIONS" && !openService(services, readHead(raw)))
      return await reply(preflight(raw.headers["access-control-request-headers"]), randomUUID());
    const { response: given, requestId } = await answer(raw, services, options, proceed);
    await reply(given, requestId);
  } catch {
    response.destroy(); // the caller went away while sending
  }
};

/** Starts the one AWS endpoint. Every call is verified, recorded, and answered by something local or not at all. */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const services = new Map((options.services ?? []).map((s) => [s.name, s]));
  const listener = (raw: IncomingMessage, response: ServerResponse) =>
    void exchange(raw, response, services, options);
  // no limit on the time a body takes: one that stands still is cut off by whoever reads it
  const server = createServer({ keepAlive: true, noDelay: true, requestTimeout: 0 }, listener);
  server.on("checkContinue", listener);
  // an idle socket closed by the server just as a client reuses it would be a lost call
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    services,
    register: (service) => void services.set(service.name, service),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
