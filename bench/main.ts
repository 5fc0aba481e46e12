import type { Running } from "../local/start.ts";
import { startApp } from "../test/kit/app.ts";
import { handlers } from "./handlers.ts";
import { local } from "./local.ts";
import { operations } from "./operations.ts";
import { throughput } from "./throughput.ts";

// `local` starts and stops clouds of its own; the others share one.
const shared: Record<string, (app: Running) => Promise<void>> = { handlers, operations, throughput };
const names = ["local", ...Object.keys(shared)];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}; there are ${names.join(", ")}`);
  process.exit(2);
}
const wanted = asked.length > 0 ? asked : names;

if (wanted.includes("local")) await local();
const rest = Object.entries(shared).filter(([name]) => wanted.includes(name));
if (rest.length > 0) {
  const app = await startApp();
  try {
    for (const [, run] of rest) await run(app);
  } finally {
    await app.stop();
  }
}
