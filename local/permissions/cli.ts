import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readReports, reportLines } from "./collect.ts";

// What the latest test run left behind: granted and never used, and what was refused.
const root = process.argv[2] ?? join(import.meta.dirname, "../../.sst/permissions");
const runs = existsSync(root) ? readdirSync(root).sort() : [];
const lines = runs.slice(-1).flatMap((run) => readReports(join(root, run)).flatMap(reportLines));
console.log(lines.join("\n") || `No run has left a report in ${root}: npx vitest run --project e2e does.`);
