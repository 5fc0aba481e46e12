/** What the cache stands before: the records themselves. */
export interface Origin<T> {
  /** Undefined: there is none. */
  read(key: string, signal?: AbortSignal): Promise<T | undefined>;
  /**
   * Writes (undefined: removes), where what is there is of an older version; a removal is remembered with its version too.
   * False: something newer is there already. May be called twice with the same version, and late.
   */
  write(key: string, value: T | undefined, version: number): Promise<boolean>;
}
