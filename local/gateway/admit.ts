import type { IncomingMessage } from "node:http";
import type { AwsRequest, AwsService, UnsignedCall } from "../kit/cloud.ts";
import type { Credentials } from "../kit/credentials.ts";
import { authenticate, missingSignature } from "./authenticate.ts";
import { authenticateS3 } from "./authenticate-s3.ts";
import { openBody, planBody, readBody, unframed } from "./body.ts";
import { chainSign } from "./chunked.ts";
import { type AwsFault, readProtocol, type Spoken } from "./protocol.ts";
import { readSignature, type Signature } from "./sigv4.ts";
import { unsignedService } from "./unsigned.ts";

const flatten = (request: IncomingMessage) =>
  Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(",")]),
  );

const splitUrl = (url: string) => {
  const at = url.indexOf("?");
  return at < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, at), query: new URLSearchParams(url.slice(at + 1)) };
};

/** Reads what a request says of itself before its body. */
export const readHead = (raw: IncomingMessage): UnsignedCall => ({
  method: raw.method ?? "GET",
  ...splitUrl(raw.url ?? "/"),
  headers: flatten(raw),
});

/** The service that answers a call by itself though nobody signed it. */
export const openService = (
  services: ReadonlyMap<string, AwsService>,
  head: UnsignedCall,
): AwsService | undefined => [...services.values()].find((service) => service.unsigned?.(head));

/** Refused or accepted: what is known of a request once it has been read. */
export type Admitted = { readonly spoken: Spoken; readonly service: string } & (
  | { readonly fault: AwsFault }
  | { readonly request: AwsRequest }
);

/** What admission needs to know, and how it lets a client go on that waits for `100 Continue`. */
export interface AdmitOptions {
  readonly services: ReadonlyMap<string, AwsService>;
  readonly credentials: Credentials;
  readonly now: number;
  readonly requestId: string;
  readonly proceed: () => void;
}

const REGION_OF_POOL = /^\/([\w-]+)_/;

/** A call whose body is handed on as it arrives: verified by its headers first, and the bytes as they pass. */
const admitStream = (
  raw: IncomingMessage,
  head: UnsignedCall,
  service: AwsService,
  claim: Signature | "malformed" | undefined,
  options: AdmitOptions,
): Admitted => {
  const { method, headers } = head;
  const operation = service.operation?.(head);
  const spoken = { ...readProtocol({ ...head, body: EMPTY }, service.name), ...(operation && { operation }) };
  const to = { spoken, service: service.name };
  const signed = { method, url: raw.url ?? "/", headers };
  const { fault, caller, signature } = claim
    ? authenticateS3(signed, claim, options.credentials, options.now)
    : {};
  if (fault) return { ...to, fault };
  if (!claim && isOldSignature(head)) return { ...to, fault: OLD_SIGNATURE };
  const chain = caller && signature && { seed: signature.signature, sign: chainSign(caller, signature) };
  const plan = planBody(headers, chain);
  if ("code" in plan) return { ...to, fault: plan };
  return {
    ...to,
    request: {
      ...head,
      headers: unframed(headers, plan),
      body: EMPTY,
      ...openBody(raw, plan, options.proceed),
      ...(caller && { caller }),
      region: signature?.region ?? "",
      requestId: options.requestId,
    },
  };
};

const EMPTY = Buffer.alloc(0);

/** Signature version 2, which no bucket made since 2020 takes. */
const isOldSignature = ({ query, headers }: UnsignedCall) =>
  headers.authorization !== undefined || (query.has("AWSAccessKeyId") && query.has("Signature"));

const OLD_SIGNATURE: AwsFault = {
  status: 400,
  code: "InvalidRequest",
  message: "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
};

/** Reads a request and verifies who signed it. */
export const admit = async (raw: IncomingMessage, options: AdmitOptions): Promise<Admitted> => {
  const head = readHead(raw);
  const { method, path, query, headers } = head;
  // a preflight to a presigned address carries a signature that is not its own
  const claim = method === "OPTIONS" ? undefined : readSignature(headers, query);
  const signed = claim === "malformed" ? undefined : claim;
  const streaming =
    signed || head.headers["x-amz-target"]
      ? options.services.get(signed?.service ?? "")
      : openService(options.services, head);
  if (streaming?.streams) return admitStream(raw, head, streaming, claim, options);
  options.proceed();
  const body = await readBody(raw);
  const named = options.services.get(signed?.service ?? "")?.operation?.(head);
  const read = readProtocol({ method, path, query, headers, body }, signed?.service ?? "");
  const spoken = named === undefined ? read : { ...read, operation: named };
  const request = { method, path, query, headers, body, requestId: options.requestId };
  if (!claim) {
    const service = unsignedService(method, path, spoken);
    if (!service) return { spoken, service: spoken.target ?? "", fault: missingSignature(spoken.protocol) };
    const region = REGION_OF_POOL.exec(path)?.[1] ?? "";
    return { spoken, service, request: { ...request, region } };
  }
  const { fault, caller, signature } = authenticate(
    { method, url: raw.url ?? "/", headers, body },
    claim,
    spoken.protocol,
    options.credentials,
    options.now,
  );
  if (fault || !caller || !signature) {
    return { spoken, service: signed?.service ?? "", fault: fault ?? missingSignature(spoken.protocol) };
  }
  return { spoken, service: signature.service, request: { ...request, caller, region: signature.region } };
};
