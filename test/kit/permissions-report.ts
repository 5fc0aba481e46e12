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
    const folder = join(ROOT, this.#run);
    const report = readReports(folder).find(({ app }) => app === APP);
    if (!report) {
      rmSync(folder, { recursive: true, force: true }); // other apps' runs tell nothing of ours
      return;
    }
    for (const other of readdirSync(ROOT)) {
      if (Number(other) < Number(this.#run)) rmSync(join(ROOT, other), { recursive: true, force: true });
    }
    console.log(`\n${reportLines(report).join("\n")}`);
  }
}
