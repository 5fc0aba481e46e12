import type { Running } from "../../local/start.ts";

type Json = Record<string, unknown>;

/** What a client of the cache's API does. */
export const createCacheClient = (app: Pick<Running, "url">, token?: string) => {
  const send = async (method: string, path: string, body?: unknown, type = "application/json") => {
    const response = await fetch(`${app.url}/api/v1/cache/${path}`, {
      method,
      headers: {
        ...(body !== undefined && { "content-type": type }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json: Json = text === "" ? {} : JSON.parse(text);
    return { status: response.status, json, kind: String(json.type ?? "").split("#")[1] };
  };
  const at = (key: string, namespace: string, query: Readonly<Record<string, string>> = {}) =>
    `${namespace}/${encodeURIComponent(key)}?${new URLSearchParams(query)}`;
  return {
    send,
    get: (key: string, query: Readonly<Record<string, string>> = {}, namespace = "pages") =>
      send("GET", at(key, namespace, query)),
    put: (key: string, entry: Json, namespace = "pages") => send("PUT", at(key, namespace), entry),
    remove: (key: string, namespace = "pages") => send("DELETE", at(key, namespace)),
    invalidate: (what: Json) => send("POST", "invalidate", what),
  };
};
