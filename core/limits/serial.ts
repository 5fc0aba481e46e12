/** Work on the same key one after the other, in this process: so that it does not fight itself for an item. */
export const createSerial = () => {
  const last = new Map<string, Promise<unknown>>();
  const one = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work);
    const settled = mine.catch(() => undefined);
    last.set(key, settled);
    void settled.then(() => last.get(key) === settled && last.delete(key));
    return mine;
  };
  /** Holds several keys. Always in the same order: nobody waits for who waits for them. */
  const all = <T>(keys: readonly string[], work: () => Promise<T>): Promise<T> => {
    const [first, ...rest] = [...new Set(keys)].sort();
    return first === undefined ? work() : one(first, () => all(rest, work));
  };
  return { one, all };
};

export type Serial = ReturnType<typeof createSerial>;
