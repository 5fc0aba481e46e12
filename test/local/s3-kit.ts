import { createHash } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { S3Client } from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Resource } from "../../local/graph/graph.ts";
import { s3 } from "../../local/services/s3/s3.ts";
import {
  clientConfig,
  graphOf,
  REGION,
  type Running,
  resource,
  type Setup,
  startCloud,
} from "./gateway-fixture.ts";

/** A bucket of a graph. */
export const bucketResource = (name: string): Resource =>
  resource("aws:s3/bucket:Bucket", name, { bucket: name }, { id: name, arn: `arn:aws:s3:::${name}` });

/** A resource that says something of a bucket. */
export const about = (kind: string, bucket: string, inputs: Record<string, unknown>): Resource =>
  resource(`aws:s3/${kind}:${kind[0]?.toUpperCase()}${kind.slice(1)}`, `${bucket}-${kind}`, {
    bucket,
    ...inputs,
  });

/** A cloud with S3 and whatever else. */
export const startS3 = (resources: Resource[] = [], setup: Setup = {}): Promise<Running> =>
  startCloud({ graph: graphOf(resources), ...setup, services: [s3, ...(setup.services ?? [])] });

/** The SDK's client, as it is by default but for path style. */
export const clientFor = (running: Running, config: object = {}): S3Client =>
  new S3Client({ ...clientConfig(running), forcePathStyle: true, ...config });

/** A request as a careful client signs it; `tamper` changes it afterwards. */
export interface RawCall {
  readonly method?: string;
  readonly path: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Sent in place of the hash of the body. */
  readonly hash?: string;
  readonly at?: Date;
}

const signer = ({ cloud }: Running) =>
  new SignatureV4({
    service: "s3",
    region: REGION,
    credentials: cloud.credentials.developer,
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });

/** Signs a request; its headers hold the signature. */
export const sign = async (running: Running, call: RawCall): Promise<Record<string, string>> => {
  const host = `127.0.0.1:${running.gateway.port}`;
  const hash =
    call.hash ??
    createHash("sha256")
      .update(call.body ?? "")
      .digest("hex");
  const signed = await signer(running).sign(
    {
      method: call.method ?? "GET",
      protocol: "http:",
      hostname: "127.0.0.1",
      path: call.path,
      query: call.query ?? {},
      headers: { host, "x-amz-content-sha256": hash, ...call.headers },
    },
    { signingDate: call.at ?? new Date(running.clock.now()) },
  );
  return signed.headers;
};

/** Signs and sends. */
export const send = async (running: Running, call: RawCall): Promise<Response> => {
  const { host: _, ...headers } = await sign(running, call);
  const query = call.query ? `?${new URLSearchParams(call.query)}` : "";
  return fetch(`${running.gateway.endpoint}${call.path}${query}`, {
    method: call.method ?? "GET",
    headers,
    ...(call.body === undefined
      ? {}
      : { body: typeof call.body === "string" ? call.body : new Uint8Array(call.body) }),
  });
};

/** The text of an element of an XML answer. */
export const elementOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
