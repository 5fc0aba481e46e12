import type { Running } from "../local/start.ts";
import { startApp } from "../test/kit/app.ts";
import { cache } from "./cache.ts";
import { handlers } from "./handlers.ts";
import { limits } from "./limits.ts";
import { local } from "./local.ts";
import { operations } from "./operations.ts";
import { redirects } from "./redirects.ts";
import { soak } from "./soak.ts";
import { throughput } from "./throughput.ts";

// `local`, `limits`, `cache`, `redirects` and `soak` start and stop what they need; the others share a cloud. The soak takes an hour: only by its name.
const shared: Record<string, (app: Running) => Promise<void>> = { handlers, operations, throughput };
const usual = ["local", "limits", "cache", "redirects", ...Object.keys(shared)];
const names = [...usual, "soak"];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}; there are ${names.join(", ")}`);
  process.exit(2);
}
const wanted = asked.length > 0 ? asked : usual;

if (wanted.includes("local")) await local();
if (wanted.includes("limits")) await limits();
if (wanted.includes("cache")) await cache();
if (wanted.includes("redirects")) await redirects();
if (wanted.includes("soak")) await soak();
const rest = Object.entries(shared).filter(([name]) => wanted.includes(name));
if (rest.length > 0) {
  const app = await startApp();
  try {
    for (const [, run] of rest) await run(app);
  } finally {
    await app.stop();
  }
}
