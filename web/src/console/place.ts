import { useSyncExternalStore } from "react";
import { navigate, usePath } from "../shell/router.tsx";

const subscribe = (listener: () => void) => {
  addEventListener("popstate", listener);
  return () => removeEventListener("popstate", listener);
};

/** Where a person stands within a page, kept in its address. Each step can be linked to, and Back undoes it. */
export interface Place<K extends string> {
  readonly at: Readonly<Record<K, string>>;
  /** The route of another place of this page, for a Link. */
  to(change: Partial<Record<K, string>>): string;
  go(change: Partial<Record<K, string>>): void;
  /** As `go`, in place of the step before: for what is typed letter by letter. */
  type(change: Partial<Record<K, string>>): void;
}

/** Follows a few texts of the page's address; those that are empty stay out of it. */
export const usePlace = <K extends string>(names: readonly K[]): Place<K> => {
  const path = usePath();
  const search = useSyncExternalStore(subscribe, () => location.search);
  const given = new URLSearchParams(search);
  const at = Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""])) as Record<K, string>;
  const to = (change: Partial<Record<K, string>>) => {
    const kept = Object.entries<string>({ ...at, ...change }).filter(([, value]) => value !== "");
    const text = new URLSearchParams(kept).toString();
    return text === "" ? path : `${path}?${text}`;
  };
  return { at, to, go: (change) => navigate(to(change)), type: (change) => navigate(to(change), true) };
};
