import { now } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { log } from "#core/kit/log.ts";
import { count } from "#core/kit/tally.ts";
import { type MemoryStore, memoryStore } from "./memory-store.ts";
import type { LimitStore } from "./store.ts";

/** After a failure the store is left alone for so long: one request in as long waits for it in vain, and no more. */
const RESPITE_MS = 1_000;
/** Keys this process counts by itself: 100 bytes each. */
const MAX_HERE = 50_000;

let shared: Promise<LimitStore> | undefined;
let here: MemoryStore | undefined;
let failedAt = Number.NEGATIVE_INFINITY;

const choose = async (): Promise<LimitStore> => {
  const { dynamoStore } = await import("./dynamo-store.ts");
  return dynamoStore(linked("LimitsTable").name);
};

/** The store that all processes share. */
export const sharedStore = (): Promise<LimitStore> => {
  shared ??= choose();
  return shared;
};

/** What this process counts by itself: rules that are counted here alone, and estimates while the store fails. */
export const hereStore = (): MemoryStore => {
  here ??= memoryStore({ maxKeys: MAX_HERE });
  return here;
};

/** Whether the store has just failed: whoever asks it now would most likely wait in vain. */
export const isResting = (): boolean => now() - failedAt < RESPITE_MS && now() >= failedAt;

/** Notes that the store failed. */
export const noteFailure = (error: unknown): void => {
  failedAt = now();
  count("LimitStoreError");
  log.error("the limiter's store failed", error instanceof Error ? error : new Error(String(error)));
};

/** Puts other stores in place: as a new process, that uses these. For tests. */
export const setStores = (store?: LimitStore): void => {
  shared = store && Promise.resolve(store);
  here = undefined;
  failedAt = Number.NEGATIVE_INFINITY;
};
