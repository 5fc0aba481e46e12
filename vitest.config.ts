import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/kit/closing-line.ts";
import { PermissionsReport } from "./test/kit/permissions-report.ts";

// unit: no process but this one · local: real DynamoDB Local, workers, sockets · e2e: the whole local cloud · browser: Chromium
const project = (
  name: string,
  include: string[],
  timeout: number,
  servers = false,
  first: string[] = [],
) => ({
  test: {
    name,
    include,
    exclude: ["**/node_modules/**", ".sst/**"],
    env: { POWERTOOLS_METRICS_DISABLED: "true", POWERTOOLS_LOG_LEVEL: "SILENT" },
    testTimeout: timeout,
    hookTimeout: Math.max(timeout, 30_000),
    expect: { poll: { timeout: 10_000 } }, // a condition that is waited for may take long on a busy machine
    // files that start servers wait for them much of the time: two at once use two cores, more would only be slower
    ...(servers ? { maxWorkers: 2, globalSetup: ["test/kit/platform.ts", ...first] } : {}),
  },
});

export default defineConfig({
  test: {
    reporters: ["default", new PermissionsReport(), new ClosingLine()],
    projects: [
      project(
        "unit",
        ["{core,functions,stacks,web,local,bench}/**/*.test.ts", "test/rules/**/*.test.ts"],
        10_000,
      ),
      project("local", ["test/local/**/*.test.ts", "test/contract/**/*.test.ts"], 60_000, true),
      project("infra", ["test/infra/**/*.test.ts"], 60_000, true),
      project("e2e", ["test/e2e/**/*.test.ts"], 120_000, true),
      project("browser", ["test/browser/**/*.test.ts"], 120_000, true, ["test/browser/build-once.ts"]),
    ],
  },
});
