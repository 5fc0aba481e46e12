import { startApp } from "../test/kit/app.ts";
import { handlers } from "./handlers.ts";
import { operations } from "./operations.ts";
import { throughput } from "./throughput.ts";

const benches = { handlers, operations, throughput };
type Name = keyof typeof benches;

const isName = (name: string): name is Name => name in benches;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !isName(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`);
  process.exit(2);
}
const names = asked.length > 0 ? asked.filter(isName) : (Object.keys(benches) as Name[]);

const app = await startApp();
try {
  for (const name of names) await benches[name](app);
} finally {
  await app.stop();
}
