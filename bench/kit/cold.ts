import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

// Run as a process of its own: how long Node takes to load one bundle, start of Node not counted.
const [file = ""] = process.argv.slice(2);
const began = performance.now();
await import(pathToFileURL(file).href);
process.stdout.write(String(performance.now() - began));
process.exit(0);
