import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FunctionSpec } from "../local/graph/graph.ts";
import type { Running } from "../local/start.ts";
import { type Bundled, bundle } from "./kit/bundles.ts";
import { casesFor } from "./kit/cases.ts";
import { percentile, type Row, report, round } from "./kit/report.ts";
import { createWorld } from "./kit/world.ts";

const COLD_RUNS = 7;
const WARM_RUNS = 200;

const program = (name: string) => join(import.meta.dirname, "kit", name);

/** The variables the function would have, and keys that the local endpoint knows. */
const environmentOf = (app: Running, spec: FunctionSpec): NodeJS.ProcessEnv => {
  const keys = app.cloud.credentials.developer;
  return {
    ...spec.environment,
    AWS_REGION: app.cloud.graph.region,
    AWS_ENDPOINT_URL: app.cloud.endpoint,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    POWERTOOLS_LOG_LEVEL: "SILENT",
  };
};

// Asynchronous on purpose: the endpoint that the handlers call is served by this very process.
const execute = promisify(execFile);

const coldMs = async (bundled: Bundled, env: NodeJS.ProcessEnv): Promise<number> => {
  const samples: number[] = [];
  for (let run = 0; run <= COLD_RUNS; run++) {
    const { stdout } = await execute(process.execPath, [program("cold.ts"), bundled.file], { env });
    if (run > 0) samples.push(Number(stdout)); // the first also reads the file from disk
  }
  return percentile(samples, 0.5);
};

const warmMicros = async (
  bundled: Bundled,
  env: NodeJS.ProcessEnv,
  event: unknown,
  expected: number,
): Promise<number> => {
  const args = [program("warm.ts"), bundled.file, JSON.stringify(event), String(WARM_RUNS)];
  const { stderr } = await execute(process.execPath, args, { env, maxBuffer: 2 ** 28 });
  const { cpuMicros, status } = JSON.parse(stderr.slice(stderr.lastIndexOf('{"cpuMicros"')));
  if (status !== expected) throw new Error(`${bundled.file} answered ${status}, not ${expected}`);
  return cpuMicros;
};

/** Bundle KB, init ms and CPU µs of every handler, beside a bare handler that reads one item. */
export const handlers = async (app: Running): Promise<void> => {
  const { functions } = app.cloud.graph;
  const redirect = functions.find((spec) => spec.component === "ShortenerRedirect");
  if (!redirect) throw new Error("There is no redirect function");
  const table = JSON.parse(redirect.environment.SST_RESOURCE_ShortenerTable ?? "{}") as { name?: string };
  const bare: FunctionSpec = {
    ...redirect,
    component: "Bare",
    handler: "bench/fixtures/bare.handler",
    environment: { TABLE: table.name ?? "" },
  };
  const cases = casesFor(await createWorld(app));
  const rows: Row[] = [];
  for (const spec of [bare, ...functions]) {
    const bundled = await bundle(spec);
    const env = environmentOf(app, spec);
    const warm = cases[spec.component];
    rows.push({
      name: spec.component,
      "bundle KB": round(bundled.kb),
      "init ms": round(await coldMs(bundled, env)),
      "warm CPU µs": warm ? round(await warmMicros(bundled, env, warm.event, warm.status), 0) : "",
    });
  }
  report("handlers", `Handlers: init is the median of ${COLD_RUNS} fresh processes`, rows);
};
