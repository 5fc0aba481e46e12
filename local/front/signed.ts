import { authenticate } from "../gateway/authenticate.ts";
import { readSignature } from "../gateway/sigv4.ts";
import type { Cloud } from "../kit/cloud.ts";
import type { RestOptions } from "../services/apigateway/authorization.ts";

/** Verifies requests to IAM-guarded methods by the keys the local cloud has handed out. */
export const signedBy =
  (cloud: Cloud): NonNullable<RestOptions["verifySigV4"]> =>
  async (request) => {
    const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
    const claim = readSignature(headers, new URLSearchParams(request.query));
    if (claim === undefined) return { error: "Missing Authentication Token" };
    const url = request.query === "" ? request.path : `${request.path}?${request.query}`;
    const signed = { method: request.method, url, headers, body: request.body };
    const { caller, fault } = authenticate(signed, claim, "rest-json", cloud.credentials, cloud.clock.now());
    if (claim !== "malformed" && caller && claim.service !== "execute-api") {
      return { error: `Credential should be scoped to correct service: 'execute-api'.` };
    }
    return caller ? { caller } : { error: fault?.message ?? "Missing Authentication Token" };
  };
