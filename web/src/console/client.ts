import { useCallback, useEffect, useRef } from "react";
import * as v from "valibot";
import { type Failure, noAnswer, toFailure, unreadable } from "../api/failure.ts";
import { type Loaded, useLoad } from "../api/use-load.ts";

/** An answer of the local cloud, or why there is none. */
export type Answer<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly failure: Failure };

/** Parameters of a view; those undefined or empty are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

const address = (path: string, query: Query): string => {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [[key, String(value)]],
  );
  const search = new URLSearchParams(given).toString();
  return `${import.meta.env.VITE_LOCAL_CLOUD}/${path}${search === "" ? "" : `?${search}`}`;
};

const ask = async <S extends v.GenericSchema>(
  schema: S,
  url: string,
  init: RequestInit,
): Promise<Answer<v.InferOutput<S>>> => {
  try {
    const response = await fetch(url, init);
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) return { ok: false, failure: toFailure(response.status, body) };
    const parsed = v.safeParse(schema, body);
    if (parsed.success) return { ok: true, data: parsed.output };
    const where = v.getDotPath(parsed.issues[0]) ?? "the answer";
    return { ok: false, failure: unreadable(response.status, `${where}: ${parsed.issues[0].message}`) };
  } catch (error) {
    return { ok: false, failure: noAnswer(error) };
  }
};

/** Reads a view: `read(Queues, "sqs/queues")`. */
export const read = <S extends v.GenericSchema>(
  schema: S,
  path: string,
  query: Query,
  signal?: AbortSignal,
) => ask(schema, address(path, query), signal ? { signal } : {});

/** Does something: `act("sqs/purge", { queue })`. What it answers is checked only where a schema is given. */
export const act = <S extends v.GenericSchema = v.UnknownSchema>(
  path: string,
  input: object,
  schema?: S,
): Promise<Answer<v.InferOutput<S>>> =>
  ask(schema ?? (v.unknown() as unknown as S), address(path, {}), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });

/** Puts a file somewhere: `put("s3/object", { bucket, key }, file)`. It goes as it is, in pieces, whatever its size. */
export const put = (path: string, query: Query, file: Blob): Promise<Answer<unknown>> =>
  ask(v.unknown(), address(path, query), {
    method: "PUT",
    headers: { "content-type": file.type || "application/octet-stream" },
    body: file,
  });

/** Address of a document that a view answers, for a frame or a link. */
export const documentAt = (path: string, query: Query): string => address(path, query);

/** How a view is followed. */
export interface Following {
  /** Reads it anew every so many milliseconds while the page is in sight. */
  readonly everyMs?: number;
}

/** A view, read when shown, when its address changes, and at intervals when asked to. */
export const useView = <S extends v.GenericSchema>(
  schema: S,
  path: string,
  query: Query = {},
  { everyMs }: Following = {},
): Loaded<v.InferOutput<S>> => {
  const url = address(path, query);
  const loaded = useLoad((signal) => ask(schema, url, { signal }), [url]);
  const { reload: start, loading } = loaded;
  const state = useRef({ loading, again: false });
  state.current.loading = loading;
  // A reload ends the one before it: where answers take longer than the interval, none would ever come.
  const reload = useCallback(() => {
    if (state.current.loading) state.current.again = true;
    else start();
  }, [start]);
  useEffect(() => {
    if (loading || !state.current.again) return;
    state.current.again = false;
    start();
  }, [loading, start]);
  useEffect(() => {
    if (everyMs === undefined) return;
    const tick = () => document.visibilityState === "visible" && !state.current.loading && start();
    const timer = setInterval(tick, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, start]);
  return { ...loaded, reload };
};
