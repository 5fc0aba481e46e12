import { decode } from "../../front/exchange.ts";
import type { Mapping, SocketApi } from "./model.ts";

/** What an address names: an API of ours, a stage of it, and the rest of the path. */
export interface Target {
  readonly api: SocketApi;
  readonly stage: string;
  /** After the stage: empty, or beginning with a slash. */
  readonly rest: string;
  /** As events and clients see the API. */
  readonly domainName: string;
}

/** Finds the WebSocket API that a host and a path name; undefined when they name none. `local` is whether the host is this machine. */
export type FindTarget = (host: string, path: string, local: boolean) => Target | undefined;

const EXECUTE_API = /^([a-z0-9]+)\.execute-api\./;
const BY_PATH = /^\/_aws\/execute-api\/([^/]+)(\/.*)?$/;

const split = (path: string): { stage: string; rest: string } => {
  const [, stage = "", rest = ""] = /^\/([^/]*)(.*)$/s.exec(path) ?? [];
  return { stage: decode(stage), rest: rest === "/" ? "" : rest };
};

const mappedTo = (mappings: readonly Mapping[], host: string, path: string) => {
  for (const mapping of mappings) {
    if (mapping.host !== host) continue;
    const base = mapping.key === "" ? "" : `/${mapping.key}`;
    if (base !== "" && path !== base && !path.startsWith(`${base}/`)) continue;
    const rest = path.slice(base.length);
    return { mapping, rest: rest === "/" ? "" : rest };
  }
  return undefined;
};

/** The addresses of all WebSocket APIs: by AWS's host names, by custom domains, and by this machine's own path. */
export const createTargets = (
  apis: ReadonlyMap<string, SocketApi>,
  mappings: readonly Mapping[],
): FindTarget => {
  const named = (id: string, path: string): Target | undefined => {
    const api = apis.get(id);
    return api && { api, ...split(path), domainName: `${id}.execute-api.${api.region}.amazonaws.com` };
  };
  return (host, path, local) => {
    const id = EXECUTE_API.exec(host)?.[1];
    if (id !== undefined) return named(id, path);
    const found = mappedTo(mappings, host, path);
    const api = found && apis.get(found.mapping.apiId);
    if (api) return { api, stage: found.mapping.stage, rest: found.rest, domainName: host };
    const [, own = "", rest = "/"] = local ? (BY_PATH.exec(path) ?? []) : [];
    return named(own, rest);
  };
};
