import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";

const EXECUTE_API = /^[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/;

const isManagement = (given: unknown): given is RequestOptions => {
  if (typeof given !== "object" || given === null || given instanceof URL) return false;
  const { host, hostname, path } = given as RequestOptions;
  return EXECUTE_API.test(String(hostname ?? host)) && /\/(@|%40)connections\//i.test(String(path));
};

/**
 * Leads calls to a WebSocket API's management address to the local endpoint. Handlers build that address from their event, as
 * `https://${domainName}/${stage}`, so that no variable can turn it: the request goes as it was signed, `Host` and all, but
 * in the clear and to this machine. Holds for what calls `https.request`, as the SDK does; anything else is refused by its name.
 */
export const manageHere = (): void => {
  const endpoint = URL.parse(process.env.AWS_ENDPOINT_URL ?? "");
  if (!endpoint) return;
  const original = https.request;
  const request = (...given: unknown[]): ClientRequest => {
    const [options, callback] = given;
    if (!isManagement(options)) return Reflect.apply(original, https, given) as ClientRequest;
    const headers = { Host: options.hostname ?? options.host, ...options.headers };
    // Their agent makes TLS connections: this one is for plain ones.
    const { agent: _, createConnection: __, ...rest } = options;
    const local = {
      host: endpoint.hostname,
      hostname: endpoint.hostname,
      port: endpoint.port,
      protocol: "http:",
    };
    const here: RequestOptions = { ...rest, ...local, headers: headers as http.OutgoingHttpHeaders };
    return http.request(here, callback as (answer: IncomingMessage) => void);
  };
  Object.defineProperty(https, "request", { value: request, writable: true, configurable: true });
  syncBuiltinESMExports(); // what a bundle imports by name is this one, too
};
