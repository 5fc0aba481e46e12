import { useCallback, useState } from "react";

/** A few texts kept in the page's address, so that what is filtered can be linked to and comes back on a reload. */
export const useSearchParams = <K extends string>(
  names: readonly K[],
): readonly [Readonly<Record<K, string>>, (change: Partial<Record<K, string>>) => void] => {
  const [values, setValues] = useState(() => {
    const given = new URLSearchParams(location.search);
    return Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""])) as Record<K, string>;
  });
  const change = useCallback((some: Partial<Record<K, string>>) => {
    setValues((before) => {
      const after = { ...before, ...some };
      const kept = Object.entries(after).filter(([, value]) => value !== "") as [string, string][];
      const search = new URLSearchParams(kept).toString();
      history.replaceState(null, "", search === "" ? location.pathname : `${location.pathname}?${search}`);
      return after;
    });
  }, []);
  return [values, change];
};
