import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Running } from "../local/start.ts";
import { startApp } from "../test/kit/app.ts";
import { ended, launch, residentMb } from "./kit/process.ts";
import { percentile, type Row, report, round } from "./kit/report.ts";

const root = join(import.meta.dirname, "..");
const HOPS = 2_000;
const EDITS = 7;

/** A start as `npm start` makes it: seconds until the door is open, and megabytes then and after some use. */
const starting = async (name: string, stage: string): Promise<Row> => {
  const { child, ready } = launch(stage);
  try {
    const { ms, url } = await ready;
    const idle = residentMb(child.pid);
    for (let n = 0; n < 500; n++) await (await fetch(`${url}api/v1/health`)).arrayBuffer();
    const used = residentMb(child.pid);
    return {
      name,
      "ready s": round(ms / 1_000),
      "idle MB": round(idle, 0),
      "after 500 requests MB": round(used, 0),
    };
  } finally {
    await ended(child);
  }
};

/** What the local cloud itself adds to a request: front door and REST API, the function's own time taken off. */
const overhead = async (app: Running): Promise<Row[]> => {
  for (let n = 0; n < HOPS; n++) await (await fetch(`${app.url}/api/v1/health`)).arrayBuffer();
  const spans = app.cloud.recorder.recent();
  const invokes = new Map(
    spans.filter((span) => span.kind === "invoke").map((span) => [span.traceId, span.durationMs]),
  );
  const added = spans.flatMap((span) => {
    const inside = span.kind === "http" && span.from === undefined ? invokes.get(span.traceId) : undefined;
    return inside === undefined ? [] : [span.durationMs - inside];
  });
  const share = (of: readonly number[], name: string): Row => ({
    name,
    "p50 ms": round(percentile(of, 0.5), 2),
    "p95 ms": round(percentile(of, 0.95), 2),
    "p99 ms": round(percentile(of, 0.99), 2),
  });
  return [
    share(added, "front door + REST API"),
    share([...invokes.values()], "invocation of a handler that does nothing"),
  ];
};

/** Milliseconds from an edit of a handler to the first answer of the new code. */
const reload = async (app: Running): Promise<Row> => {
  const file = join(root, "functions/docs/health.ts");
  const before = readFileSync(file, "utf8");
  const coldStarts = () => app.lambda.stats().find((one) => one.component === "DocsHealth")?.coldStarts ?? 0;
  const samples: number[] = [];
  try {
    for (let edit = 0; edit < EDITS; edit++) {
      const known = coldStarts();
      const began = performance.now();
      appendFileSync(file, `// edit ${edit}\n`);
      while (coldStarts() === known) await (await fetch(`${app.url}/api/v1/health`)).arrayBuffer();
      samples.push(performance.now() - began);
    }
  } finally {
    writeFileSync(file, before);
  }
  return {
    name: "edit → first answer of the new code",
    "p50 ms": round(percentile(samples, 0.5), 0),
    "p95 ms": round(percentile(samples, 0.95), 0),
    "p99 ms": round(percentile(samples, 0.99), 0),
  };
};

/** The local cloud itself: starts, memory, what each hop adds, reload. */
export const local = async (): Promise<void> => {
  const stage = "bench";
  for (const folder of [`.data/${stage}`, ".sst/graph", ".sst/lambda"]) {
    rmSync(join(root, folder), { recursive: true, force: true });
  }
  report("starts", "npm start, from the process's start to the open door", [
    await starting("cold: graph and bundles made anew", stage),
    await starting("warm", stage),
  ]);
  rmSync(join(root, `.data/${stage}`), { recursive: true, force: true });
  const app = await startApp({ watch: true });
  try {
    report("hops", `What the local cloud adds, ${HOPS} requests one after another, and reload`, [
      ...(await overhead(app)),
      await reload(app),
    ]);
  } finally {
    await app.stop();
  }
};
