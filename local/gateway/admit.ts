import type { IncomingMessage } from "node:http";
import type { AwsRequest } from "../kit/cloud.ts";
import type { Credentials } from "../kit/credentials.ts";
import { authenticate, missingSignature } from "./authenticate.ts";
import { type AwsFault, readProtocol, type Spoken } from "./protocol.ts";
import { readSignature } from "./sigv4.ts";
import { unsignedService } from "./unsigned.ts";

const readBody = async (request: IncomingMessage) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
};

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

/** Refused or accepted: what is known of a request once it has been read. */
export type Admitted = { readonly spoken: Spoken; readonly service: string } & (
  | { readonly fault: AwsFault }
  | { readonly request: AwsRequest }
);

/** Reads a request and verifies who signed it. */
export const admit = async (
  raw: IncomingMessage,
  credentials: Credentials,
  now: number,
  requestId: string,
): Promise<Admitted> => {
  const body = await readBody(raw);
  const headers = flatten(raw);
  const [method, url] = [raw.method ?? "GET", raw.url ?? "/"];
  const { path, query } = splitUrl(url);
  const claim = readSignature(headers, query);
  const signed = claim === "malformed" ? undefined : claim;
  const spoken = readProtocol({ method, path, query, headers, body }, signed?.service ?? "");
  const request = { method, path, query, headers, body, requestId };
  if (!claim) {
    const service = unsignedService(method, path, spoken);
    if (!service) return { spoken, service: spoken.target ?? "", fault: missingSignature(spoken.protocol) };
    const region = /^\/([\w-]+)_/.exec(path)?.[1] ?? "";
    return { spoken, service, request: { ...request, region } };
  }
  const { fault, caller, signature } = authenticate(
    { method, url, headers, body },
    claim,
    spoken.protocol,
    credentials,
    now,
  );
  if (fault || !caller || !signature) {
    return { spoken, service: signed?.service ?? "", fault: fault ?? missingSignature(spoken.protocol) };
  }
  return { spoken, service: signature.service, request: { ...request, caller, region: signature.region } };
};
