/** What was started, each by what stops it, in the order of the starts. */
export type Stops = (() => Promise<void>)[];

/** Stops all, the last started first: one that fails keeps no other running. Throws the first failure at the end. */
export const stopAll = async (stops: Stops): Promise<void> => {
  const failures: unknown[] = [];
  for (const stop of stops.splice(0).reverse()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
};
