import { useCallback, useMemo, useSyncExternalStore } from "react";

const subscribe = (listener: () => void) => {
  addEventListener("popstate", listener);
  return () => removeEventListener("popstate", listener);
};

const valuesIn = <K extends string>(names: readonly K[], search: string): Readonly<Record<K, string>> => {
  const given = new URLSearchParams(search);
  return Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""])) as Record<K, string>;
};

/**
 * A few texts kept in the page's address, so that what is filtered can be linked to and comes back on a reload. They follow
 * the address: Back, and a link to the same page without them, undo them.
 */
export const useSearchParams = <K extends string>(
  names: readonly K[],
): readonly [Readonly<Record<K, string>>, (change: Partial<Record<K, string>>) => void] => {
  const search = useSyncExternalStore(subscribe, () => location.search);
  const known = names.join();
  const values = useMemo(() => valuesIn(known.split(",") as K[], search), [known, search]);
  const change = useCallback(
    (some: Partial<Record<K, string>>) => {
      const after = { ...valuesIn(known.split(",") as K[], location.search), ...some };
      const kept = Object.entries<string>(after).filter(([, value]) => value !== "");
      const text = new URLSearchParams(kept).toString();
      history.replaceState(null, "", text === "" ? location.pathname : `${location.pathname}?${text}`);
      dispatchEvent(new PopStateEvent("popstate"));
    },
    [known],
  );
  return [values, change];
};
