import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Reporter } from "vitest/node";
import { REPORT_FOLDER, readReports, reportLines } from "../../local/permissions/collect.ts";

const APP = "tenfold";
const ROOT = join(import.meta.dirname, "../../.sst/permissions");

/** Tells, after a run that started the whole app, which permissions of its stacks nothing used. Keeps the latest such run. */
export class PermissionsReport implements Reporter {
  readonly #run = `${Date.now()}`;

  onInit(): void {
    process.env[REPORT_FOLDER] = join(ROOT, this.#run); // workers inherit it
  }

  onTestRunEnd(): void {
    const report = readReports(join(ROOT, this.#run)).find(({ app }) => app === APP);
    if (!report) return;
    for (const older of readdirSync(ROOT)) {
      if (older !== this.#run) rmSync(join(ROOT, older), { recursive: true, force: true });
    }
    console.log(`\n${reportLines(report).join("\n")}`);
  }
}
