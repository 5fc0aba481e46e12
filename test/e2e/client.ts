import type { Running } from "../../local/start.ts";

/** One answer, its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: Record<string, unknown>;
}

/** What a client of the API does: sends JSON, follows nothing by itself. */
export const createClient = (app: Pick<Running, "url">, token?: string) => {
  const send = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${app.url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  };
  return {
    get: (path: string) => send("GET", path),
    head: (path: string) => send("HEAD", path),
    post: (path: string, body: unknown) => send("POST", path, body),
    patch: (path: string, body: unknown) => send("PATCH", path, body),
    remove: (path: string) => send("DELETE", path),
    shorten: async (body: unknown) => {
      const answer = await send("POST", "/api/v1/shorten", body);
      return { ...answer, hash: String(answer.json.hash) };
    },
  };
};

/** How many answers have each status. */
export const statuses = (answers: readonly { readonly status: number }[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** Runs `make` `times` times, `width` at once. */
export const many = async <T>(
  times: number,
  width: number,
  make: (n: number) => Promise<T>,
): Promise<T[]> => {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < times; n = next++) results[n] = await make(n);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
};
