import { connectValkey, openValkey, valkeySettings } from "#core/kit/valkey.ts";
import type { CacheStore } from "./store.ts";
import { createValkeyStore } from "./valkey-store.ts";

/** A store on the Valkey that the environment names, over the connections of this process; of a cluster its replicas are read too. */
export const connectValkeyStore = async (): Promise<CacheStore> => {
  const settings = valkeySettings();
  const primaries = await connectValkey();
  if (settings?.mode !== "cluster") return createValkeyStore(primaries);
  return createValkeyStore(primaries, { replicas: await openValkey({ ...settings, reads: "replicas" }) });
};
