import { memoryStore } from "../../core/limits/memory-store.ts";
import { limitStoreSuite } from "../kit/limit-store-suite.ts";

limitStoreSuite("memory", () => ({ stores: [memoryStore()] }));
