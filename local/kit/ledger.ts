import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { dirname } from "node:path";
import { damaged } from "./kept.ts";

// Named tables of JSON values in one append-only file: `["table","key",value]` sets, `["table","key"]` removes. Writes of
// one turn of the event loop share one append; the file is rewritten to what is alive once most of it is dead.

/** One table: a map whose changes are kept. A value that is changed in place is kept by setting it again. */
export interface Table<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  set(key: string, value: T): void;
  delete(key: string): boolean;
  values(): MapIterator<T>;
  entries(): MapIterator<[string, T]>;
  readonly size: number;
}

/** What a service keeps, in memory and, when it has a file, on disk. */
export interface Ledger {
  table<T>(name: string): Table<T>;
  /** Resolves once everything set so far would outlive the process. */
  committed(): Promise<void>;
}

type Tables = Map<string, Map<string, unknown>>;

/** Lines beyond which the file is rewritten, once it also holds four times what is alive. */
const COMPACT_LINES = 20_000;

/** Opens what was kept; without a file everything is in memory alone. Throws by the file's name when it is damaged. */
export const openLedger = (file?: string): Ledger => {
  const tables: Tables = new Map();
  if (file !== undefined) read(file, tables);
  const writer = file === undefined ? undefined : openWriter(file, tables);
  return {
    table: <T>(name: string) => tableOf<T>(tables, name, (...entry) => writer?.put(entry)),
    committed: () => writer?.committed() ?? Promise.resolve(),
  };
};

const rows = (tables: Tables, name: string): Map<string, unknown> => {
  const known = tables.get(name) ?? new Map<string, unknown>();
  tables.set(name, known);
  return known;
};

type Entry = [table: string, key: string, value?: unknown];

const tableOf = <T>(tables: Tables, name: string, put: (...entry: Entry) => void): Table<T> => {
  const map = rows(tables, name) as Map<string, T>;
  return {
    get: (key) => map.get(key),
    has: (key) => map.has(key),
    set(key, value) {
      put(name, key, value); // first: a value that cannot be written must not stand there for the next rewrite to fail on
      map.set(key, value);
    },
    delete(key) {
      if (!map.delete(key)) return false;
      put(name, key);
      return true;
    },
    values: () => map.values(),
    entries: () => map.entries(),
    get size() {
      return map.size;
    },
  };
};

const read = (file: string, tables: Tables): void => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const lines = text.split("\n");
  lines.pop(); // empty, or cut short by a kill: then nobody was answered for it
  for (const [index, line] of lines.entries()) {
    const entry = parse(file, index, line);
    if (entry.length === 2) rows(tables, entry[0]).delete(entry[1]);
    else rows(tables, entry[0]).set(entry[1], entry[2]);
  }
};

const parse = (file: string, index: number, line: string): Entry => {
  try {
    const entry: unknown = JSON.parse(line);
    if (Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "string")
      return entry as Entry;
  } catch {
    // not in the parser's words: they quote the line, which may hold a secret
    throw damaged(file, new Error(`line ${index + 1} is no JSON`));
  }
  throw damaged(file, new Error(`line ${index + 1} is no entry`));
};

const compact = (file: string, tables: Tables): number => {
  const lines = [...tables].flatMap(([name, map]) =>
    [...map].map(([key, value]) => `${JSON.stringify([name, key, value])}\n`),
  );
  // Only its owner may read it: secrets are kept so, too.
  writeFileSync(`${file}.new`, lines.join(""), { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
  return lines.length;
};

const openWriter = (file: string, tables: Tables) => {
  mkdirSync(dirname(file), { recursive: true });
  let lines = compact(file, tables);
  let alive = lines;
  let broken = false;
  const pending: string[] = [];
  let writing: Promise<void> | undefined;
  const writeBatch = async (batch: readonly string[]) => {
    lines += batch.length;
    if (!broken && (lines <= COMPACT_LINES || lines <= alive * 4)) return appendFile(file, batch.join(""));
    lines = alive = compact(file, tables);
    broken = false;
  };
  const write = async () => {
    try {
      await new Promise((resolve) => setImmediate(resolve));
      while (pending.length > 0) await writeBatch(pending.splice(0));
    } catch (error) {
      // A full disk fails whoever waits for this write. Half a line may stand there: the next write begins anew.
      broken = true;
      throw error;
    } finally {
      writing = undefined;
    }
  };
  return {
    put(entry: Entry) {
      pending.push(`${JSON.stringify(entry)}\n`);
      if (writing) return;
      writing = write();
      writing.catch(() => {});
    },
    committed: () => writing ?? Promise.resolve(),
  };
};
