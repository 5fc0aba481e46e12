import { type DependencyList, useCallback, useEffect, useState } from "react";
import type { Failure } from "./failure.ts";

/** A value on its way, there, or failed. `data` of the last success stays while it is loaded anew. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly failure: Failure | undefined;
  readonly loading: boolean;
  reload(): void;
}

type Answer<T> = { readonly ok: true; readonly data: T } | { readonly ok: false; readonly failure: Failure };

/** Loads when shown and when `deps` change; an answer that comes too late is dropped. */
export const useLoad = <T>(
  load: (signal: AbortSignal) => Promise<Answer<T>>,
  deps: DependencyList,
): Loaded<T> => {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>({
    data: undefined,
    failure: undefined,
    loading: true,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caller states what `load` depends on
  useEffect(() => {
    const control = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    void load(control.signal).then((answer) => {
      if (control.signal.aborted) return;
      setState((before) =>
        answer.ok
          ? { data: answer.data, failure: undefined, loading: false }
          : { data: before.data, failure: answer.failure, loading: false },
      );
    });
    return () => control.abort();
  }, [...deps, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { ...state, reload };
};
