import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Running } from "../local/start.ts";
import { raiseLimits } from "../test/kit/limits.ts";
import { type Row, report, round } from "./kit/report.ts";

const SECONDS = 8;
const CONNECTIONS = 16;

interface Load {
  readonly url: string;
  readonly expect: number;
  readonly method?: "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly idReplacement?: boolean;
}

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly unexpected: number;
}

const measure = async (name: string, load: Load, connections = CONNECTIONS): Promise<Row> => {
  const options = { ...load, connections, duration: SECONDS, warmSeconds: 3 };
  const program = join(import.meta.dirname, "kit/load.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(options)]);
  const { perSecond, p50, p95, p99, unexpected } = JSON.parse(stdout) as Measured;
  return {
    name,
    connections,
    "requests/s": round(perSecond, 0),
    "p50 ms": round(p50),
    "p95 ms": round(p95),
    "p99 ms": round(p99),
    "not as expected": unexpected,
  };
};

/** Redirects and creations through the whole local cloud: front door, REST API, Lambda, DynamoDB Local. */
export const throughput = async (app: Running): Promise<void> => {
  await raiseLimits(app); // one address asks for all of it
  const answer = await fetch(`${app.url}/api/v1/shorten`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url: "https://example.org/throughput" }),
  });
  const { hash } = (await answer.json()) as { hash: string };
  const plain = { url: `${app.url}/api/v1/cache/ring`, expect: 200 };
  const redirect = { url: `${app.url}/${hash}`, expect: 302 };
  const shorten: Load = {
    url: `${app.url}/api/v1/shorten`,
    method: "POST",
    expect: 201,
    headers: { "content-type": "application/json" },
    body: '{"url":"https://example.org/[<id>]"}',
    idReplacement: true,
  };
  report("throughput", `Through the local cloud, ${SECONDS} s each, load and cloud on one machine`, [
    await measure("a read that touches nothing", plain, 1),
    await measure("redirect", redirect, 1),
    await measure("redirect", redirect),
    await measure("shorten", shorten, 1),
    await measure("shorten", shorten),
  ]);
};
