import { openValkey } from "../../core/kit/valkey.ts";
import { memoryStore } from "../../core/limits/memory-store.ts";
import { valkeyStore } from "../../core/limits/valkey-store.ts";
import { limitStoreSuite } from "../kit/limit-store-suite.ts";
import { startCluster, startValkey } from "../kit/valkey.ts";

limitStoreSuite("memory", () => ({ stores: [memoryStore()] }));

/** Three processes' worth of connections to the same servers. */
const threeOn = async (nodes: readonly string[], mode: "single" | "cluster", end: () => Promise<void>) => {
  const open = await Promise.all([1, 2, 3].map(() => openValkey({ nodes, mode })));
  return {
    stores: open.map((valkey) => valkeyStore(() => valkey, { clock: "caller" })),
    close: async () => {
      for (const { close } of open) close();
      await end();
    },
  };
};

limitStoreSuite("Valkey (single)", async () => {
  const server = await startValkey();
  return threeOn([server.url], "single", server.stop);
});

limitStoreSuite("Valkey (cluster)", async () => {
  const cluster = await startCluster();
  return threeOn(cluster.urls, "cluster", cluster.stop);
});
