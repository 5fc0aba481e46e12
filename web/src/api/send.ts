import * as v from "valibot";
import type { Operation } from "#core/kit/api.schema.ts";
import { type Failure, noAnswer, toFailure, unreadable } from "./failure.ts";
import { record } from "./latency.ts";
import { noteLimits } from "./limit-headers.ts";

type Part<K extends string, S> = S extends v.GenericSchema
  ? Record<never, never> extends v.InferInput<S>
    ? { readonly [P in K]?: v.InferInput<S> }
    : { readonly [P in K]: v.InferInput<S> }
  : { readonly [P in K]?: undefined };

/** What an operation takes, derived from its schemas. */
export type Args<O extends Operation> = Part<"params", O["params"]> &
  Part<"query", O["query"]> &
  Part<"body", O["body"]> & {
    readonly signal?: AbortSignal;
    /** Headers of this call alone: `x-api-key`. */
    readonly headers?: Readonly<Record<string, string>>;
  };

type DataOf<B> = B extends v.GenericSchema ? v.InferOutput<B> : B extends string ? string : undefined;

/** What an operation gives: JSON by its schema, text for any other media type. */
export type Data<O extends Operation> = DataOf<O["replies"][keyof O["replies"]]>;

/** An answer, or why there is none. `ms` is what the browser measured. */
export type Outcome<O extends Operation> =
  | {
      readonly ok: true;
      readonly status: number;
      readonly data: Data<O>;
      readonly headers: Headers;
      readonly ms: number;
    }
  | { readonly ok: false; readonly failure: Failure; readonly ms: number; readonly headers?: Headers };

interface Loose {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Address of an operation with its path and query filled in. */
export const addressOf = (path: string, params: object = {}, query: object = {}): string => {
  const values = params as Record<string, unknown>;
  const filled = path.replaceAll(/\{(\w+)\+?\}/g, (_, key: string) =>
    encodeURIComponent(String(values[key] ?? "")),
  );
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  ).toString();
  return search === "" ? filled : `${filled}?${search}`;
};

const toRequest = (operation: Operation, args: Loose, token: string | undefined): RequestInit => ({
  method: operation.method,
  headers: {
    accept: "application/json, application/problem+json, */*;q=0.5",
    ...(args.body === undefined ? {} : { "content-type": "application/json" }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...args.headers,
  },
  ...(args.body === undefined ? {} : { body: JSON.stringify(args.body) }),
  ...(args.signal ? { signal: args.signal } : {}),
  cache: "no-store",
});

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const readReply = async (operation: Operation, response: Response) => {
  const text = await response.text();
  if (!response.ok) return { failure: toFailure(response.status, readJson(text), response.headers) };
  const schema = operation.replies[response.status];
  if (schema === undefined)
    return { failure: unreadable(response.status, `${response.status} is not expected here.`) };
  if (schema === null) return { data: undefined };
  if (typeof schema === "string") return { data: text };
  const result = v.safeParse(schema, readJson(text));
  if (result.success) return { data: result.output };
  const where = result.issues[0].path?.map((step) => String(step.key)).join("/") ?? "body";
  return { failure: unreadable(response.status, `${where}: ${result.issues[0].message}`) };
};

/** Sends one operation once. Never throws: what can go wrong is part of the answer. */
export const send = async <O extends Operation>(
  operation: O,
  args: Args<O>,
  token?: string,
): Promise<Outcome<O>> => {
  const { params, query, ...rest } = args as Loose;
  const url = addressOf(operation.path, params as object, query as object);
  const start = performance.now();
  try {
    const response = await fetch(url, toRequest(operation, rest, token));
    const reply = await readReply(operation, response);
    const ms = performance.now() - start;
    record(`${operation.method} ${operation.path}`, ms, response.status);
    noteLimits(operation, response);
    if (reply.failure) return { ok: false, failure: reply.failure, ms, headers: response.headers };
    return {
      ok: true,
      status: response.status,
      data: reply.data as Data<O>,
      headers: response.headers,
      ms,
    };
  } catch (error) {
    return { ok: false, failure: noAnswer(error), ms: performance.now() - start };
  }
};
