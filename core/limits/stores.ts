import { createHash } from "node:crypto";
import { now } from "#core/kit/clock.ts";
import { linked } from "#core/kit/config.ts";
import { log } from "#core/kit/log.ts";
import { Problem } from "#core/kit/problem.ts";
import { count } from "#core/kit/tally.ts";
import { valkeySettings } from "#core/kit/valkey.ts";
import { denials } from "./denials.ts";
import { leases } from "./leases.ts";
import { type MemoryStore, memoryStore } from "./memory-store.ts";
import type { LimitStore } from "./store.ts";

/** After a failure the store is left alone for so long: one request in as long waits for it in vain, and no more. */
const RESPITE_MS = 1_000;
/** Keys this process counts by itself: 100 bytes each. */
const MAX_HERE = 50_000;

let shared: Promise<LimitStore> | undefined;
let here: MemoryStore | undefined;
let failedAt = Number.NEGATIVE_INFINITY;

// Configuration decides: Valkey where nodes of it are named, else the table. Either client is loaded where it is used.
const choose = async (): Promise<LimitStore> => {
  const settings = valkeySettings();
  if (settings) {
    const { valkeyStore } = await import("./valkey-store.ts");
    const many = settings.mode === "single" && settings.nodes.length > 1;
    return valkeyStore(undefined, many ? { route: nearest(settings.nodes) } : {});
  }
  const { dynamoStore } = await import("./dynamo-store.ts");
  return dynamoStore(linked("LimitsTable").name);
};

/** Which of several servers counts a key: the one that weighs most for it, so that one more takes only its own share. Source:
 * Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998 (highest random weight). */
const nearest = (nodes: readonly string[]) => (key: string) => {
  const weights = nodes.map((node) => createHash("sha1").update(`${node}\0${key}`).digest("hex"));
  return weights.indexOf(weights.toSorted().at(-1) ?? "");
};

/** The store that all processes share, behind the denials this process remembers and the units it has leased. */
export const sharedStore = (): Promise<LimitStore> => {
  shared ??= choose().then(behindMemory);
  return shared;
};

const behindMemory = (store: LimitStore): LimitStore => leases(denials(store));

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

/** Work that only the store can do: while it fails, the caller is told to try again. */
export const inStore = async <T>(work: (store: LimitStore) => Promise<T>): Promise<T> => {
  try {
    return await work(await sharedStore());
  } catch (error) {
    if (error instanceof Problem) throw error;
    noteFailure(error);
    throw new Problem("unavailable", "The counts could not be reached: try again", {
      headers: { "retry-after": "1" },
      cause: error,
    });
  }
};

/** Puts other stores in place: as a new process, that uses these. For tests. */
export const setStores = (store?: LimitStore): void => {
  shared = store && Promise.resolve(behindMemory(store));
  here = undefined;
  failedAt = Number.NEGATIVE_INFINITY;
};
