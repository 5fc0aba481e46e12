import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InvokeOptions } from "../kit/cloud.ts";
import { openLedger } from "../kit/ledger.ts";

/** An event in a function's asynchronous queue, as it is kept. */
export interface KeptEvent {
  readonly requestId: string;
  readonly functionArn: string;
  readonly options: InvokeOptions;
  /** Epoch ms; later by the time that passed while it was due and nothing ran. */
  readonly queuedAt: number;
  /** Attempts that ran and failed; throttled ones are not counted. */
  readonly failures: number;
  readonly throttles: number;
  /** When the next attempt is due, epoch ms. */
  readonly dueAt: number;
}

type Row = KeptEvent & { readonly payload?: string };

/** Events that were accepted and are not done. With a data folder they outlive the process, however it ends. */
export interface EventStore {
  /** Keeps an event; resolves with its key once it would outlive the process. */
  add(event: KeptEvent, payload: string): Promise<string>;
  get(key: string): KeptEvent | undefined;
  /** JSON. */
  payload(key: string): string;
  change(key: string, changes: Partial<KeptEvent>): void;
  remove(key: string): void;
  keys(): readonly string[];
  /** Resolves once all that was said is on disk. */
  close(): Promise<void>;
}

/** Bytes of payloads held in memory; what comes beyond waits in a file of its own. */
const MEMORY_BYTES = 32 * 2 ** 20;

const openFiles = (dataDir: string | undefined) => {
  let folder = dataDir && join(dataDir, "lambda", "payloads");
  const path = (key: string) => {
    folder ??= mkdtempSync(join(tmpdir(), "lambda-events-"));
    return join(folder, `${key}.json`);
  };
  return {
    write(key: string, payload: string) {
      const file = path(key);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(`${file}.new`, payload);
      renameSync(`${file}.new`, file);
    },
    read: (key: string) => readFileSync(path(key), "utf8"),
    remove: (key: string) => rmSync(path(key), { force: true }),
    close() {
      if (folder && dataDir === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Opens what was kept. A damaged file stops the start by its name. */
export const openEventStore = (dataDir: string | undefined, memoryBytes = MEMORY_BYTES): EventStore => {
  const ledger = openLedger(dataDir && join(dataDir, "lambda", "events.jsonl"));
  const rows = ledger.table<Row>("events");
  const files = openFiles(dataDir);
  let bytes = 0;
  for (const { payload } of rows.values()) bytes += payload?.length ?? 0;
  return {
    async add(event, payload) {
      const key = randomUUID();
      const spilled = bytes + payload.length > memoryBytes;
      // The file stands before the line that speaks of it.
      if (spilled) files.write(key, payload);
      else bytes += payload.length;
      rows.set(key, spilled ? event : { ...event, payload });
      await ledger.committed();
      return key;
    },
    get: (key) => rows.get(key),
    payload: (key) => rows.get(key)?.payload ?? files.read(key),
    change(key, changes) {
      const row = rows.get(key);
      if (row) rows.set(key, { ...row, ...changes });
    },
    remove(key) {
      const row = rows.get(key);
      if (!row) return;
      rows.delete(key);
      if (row.payload === undefined) files.remove(key);
      else bytes -= row.payload.length;
    },
    keys: () => [...rows.entries()].map(([key]) => key),
    async close() {
      await ledger.committed();
      files.close();
    },
  };
};
