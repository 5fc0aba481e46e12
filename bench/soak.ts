import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { descendants, ended, launch, residentMb } from "./kit/process.ts";
import { type Row, report, round } from "./kit/report.ts";

const root = join(import.meta.dirname, "..");
const STAGE = "soak";
const MINUTES = Number(process.env.SOAK_MINUTES ?? 60);
/** Requests a second: most follow links, some make them, some look at numbers and pages. */
const PER_SECOND = 30;
const LINKS = 500;

interface Load {
  readonly url: string;
  readonly hashes: string[];
  sent: number;
  /** What came instead of the expected answer, and how often. */
  readonly unexpected: Map<string, number>;
}

/** Undefined when the answer was the expected one. */
type Verdict = string | undefined;

const create = async ({ url, hashes }: Load, n: number): Promise<Verdict> => {
  const body = JSON.stringify({ url: `https://example.org/soak/${n}` });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}api/v1/shorten`, { method: "POST", headers, body });
  const { hash } = (await answer.json()) as { hash?: string };
  if (hash) hashes[n % LINKS] = hash;
  return answer.status === 201 ? undefined : `shorten ${answer.status}`;
};

const get = async (address: string, expected: number): Promise<Verdict> => {
  const answer = await fetch(address, { redirect: "manual" });
  await answer.arrayBuffer();
  return answer.status === expected ? undefined : `get ${answer.status}`;
};

/** One request of the mix, by its number: the same sequence every time. */
const request = (load: Load, n: number): Promise<Verdict> => {
  const { url, hashes } = load;
  const hash = hashes[(n * 7_919) % Math.max(1, hashes.length)];
  if (!hash || n % 6 === 0) return create(load, n);
  if (n % 29 === 0) return get(`${url}api/v1/openapi.json`, 200);
  if (n % 31 === 0) return get(`${url}api/v1/health`, 200);
  return get(`${url}${hash}`, 302);
};

const send = (load: Load) => {
  const n = load.sent++;
  const done = (verdict: Verdict) => {
    if (verdict) load.unexpected.set(verdict, (load.unexpected.get(verdict) ?? 0) + 1);
  };
  request(load, n).then(done, (error: Error) => done(String(error.cause ?? error)));
};

/** A console that stays open: it is sent every span. */
const follow = (url: string, signal: AbortSignal) =>
  fetch(`${url}_local/events`, { signal })
    .then((answer) => answer.body?.pipeTo(new WritableStream(), { signal }))
    .catch(() => {}); // ends with the soak

const sample = (pid: number, minute: number, load: Load): Row => ({
  minute,
  "resident MB": round(residentMb(pid), 0),
  "JVM and others MB": round(
    descendants(pid).reduce((sum, child) => sum + residentMb(child), 0),
    0,
  ),
  requests: load.sent,
  "not as expected": [...load.unexpected].map(([what, count]) => `${count} × ${what}`).join(", "),
});

/** Megabytes an hour, by least squares over the second half. */
const growth = (rows: readonly Row[]): number => {
  const half = rows.slice(Math.floor(rows.length / 2));
  const points = half.map((row) => [Number(row.minute) / 60, Number(row["resident MB"])] as const);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [mean(points.map(([hour]) => hour)), mean(points.map(([, mb]) => mb))];
  const slope = points.reduce((sum, [hour, mb]) => sum + (hour - x) * (mb - y), 0);
  return slope / points.reduce((sum, [hour]) => sum + (hour - x) ** 2, 0);
};

const run = async (pid: number, load: Load): Promise<Row[]> => {
  const rows = [sample(pid, 0, load)];
  const began = performance.now();
  for (let second = 1; second <= MINUTES * 60; second++) {
    for (let n = 0; n < PER_SECOND; n++) send(load);
    await wait(Math.max(0, second * 1_000 - (performance.now() - began)));
    if (second % 60 !== 0) continue;
    rows.push(sample(pid, second / 60, load));
    console.log(rows.at(-1));
  }
  return rows;
};

/** Memory of the local cloud over an hour of steady load (`SOAK_MINUTES` for another time), with a console open. */
export const soak = async (): Promise<void> => {
  rmSync(join(root, `.data/${STAGE}`), { recursive: true, force: true });
  const { child, ready } = launch(STAGE);
  const open = new AbortController();
  try {
    const { url } = await ready;
    void follow(url, open.signal);
    const rows = await run(Number(child.pid), { url, hashes: [], sent: 0, unexpected: new Map() });
    const grown = `${round(growth(rows), 1)} MB an hour in the second half`;
    report("soak", `Resident memory over ${MINUTES} minutes at ${PER_SECOND} requests/s: ${grown}`, rows);
  } finally {
    open.abort();
    await ended(child);
    rmSync(join(root, `.data/${STAGE}`), { recursive: true, force: true });
  }
};
