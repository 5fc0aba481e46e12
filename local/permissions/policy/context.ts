/** What is known of a request for conditions: the values of a key (given in lower case), undefined when it has none. */
export type Context = (key: string) => readonly string[] | undefined;

/** A context of fixed values, whatever the case of their keys. */
export const contextOf = (values: Readonly<Record<string, string | readonly string[]>>): Context => {
  const known = new Map(
    Object.entries(values).map(([key, value]) => [
      key.toLowerCase(),
      typeof value === "string" ? [value] : value,
    ]),
  );
  return (key) => known.get(key);
};

/** Nothing is known. */
export const NOTHING: Context = () => undefined;

/** The first context that knows a key answers. */
export const firstOf =
  (...contexts: readonly Context[]): Context =>
  (key) => {
    for (const context of contexts) {
      const found = context(key);
      if (found !== undefined) return found;
    }
    return undefined;
  };
