import { connectValkey, openValkey, valkeySettings } from "#core/kit/valkey.ts";
import type { CacheStore } from "./store.ts";
import { createValkeyStore } from "./valkey-store.ts";

let shared: Promise<CacheStore> | undefined;

/** The store on the Valkey that the environment names, over the connections of this process; of a cluster its replicas read. */
export const connectValkeyStore = (): Promise<CacheStore> => {
  shared ??= connect().catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  return shared;
};

const connect = async () => {
  const settings = valkeySettings();
  const primaries = await connectValkey();
  if (settings?.mode !== "cluster") return createValkeyStore(primaries);
  return createValkeyStore(primaries, { replicas: await openValkey({ ...settings, reads: "replicas" }) });
};
