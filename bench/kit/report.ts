import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";

/** One row of a benchmark: a name, then figures by column. */
export type Row = Readonly<Record<string, string | number>>;

const folder = join(import.meta.dirname, "../../dist/bench");

/** Prints a table and keeps it as `dist/bench/<name>.json`, with the machine it was measured on. */
export const report = (name: string, title: string, rows: readonly Row[]): void => {
  console.log(`\n${title}`);
  console.table(rows);
  mkdirSync(folder, { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
  };
  const document = { name, title, at: new Date().toISOString(), node: process.version, machine, rows };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
};

/** The value below which `share` (0–1) of the samples lie. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** Rounded to `digits` decimals. */
export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
