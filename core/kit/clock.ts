// Asked anew each time: where time is moved for a process, its `Date` is replaced while it runs.
const system = () => Date.now();
let read: () => number = system;

/** Milliseconds since the epoch. The one place the domain reads the time. */
export const now = (): number => read();

/** Whole seconds since the epoch: what DynamoDB's TTL counts in. */
export const nowSeconds = (): number => Math.floor(read() / 1000);

/** RFC 3339 in UTC, with milliseconds. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString();

/** Replaces the clock; returns a function that puts the real one back. For tests and simulations. */
export const setClock = (clock: () => number): (() => void) => {
  read = clock;
  return () => {
    read = system;
  };
};
