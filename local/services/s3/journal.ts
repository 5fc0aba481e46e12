import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { damaged } from "../../kit/kept.ts";
import type { BucketSettings, Part, Upload, Version } from "./types.ts";

// One log for each bucket, a JSON array a line. A line is written before what it says is done in memory, and in one
// synchronous write: what was answered survives a kill, and a line cut short was never answered.

/** A change to a bucket. Applying one twice, in order, does no harm. */
export type Entry =
  | readonly ["settings", BucketSettings]
  | readonly ["put", Version, uploadId?: string]
  | readonly ["drop", key: string, versionId: string]
  | readonly ["upload", Omit<Upload, "parts">]
  | readonly ["part", uploadId: string, Part]
  | readonly ["abort", uploadId: string];

/** The log of one bucket. */
export interface Journal {
  /** Writes one line. Throws without a trace where the disk takes no more. */
  append(entry: Entry): void;
  /** Rewrites the log to `alive` once most of it is history. */
  compactTo(size: number, alive: () => Iterable<Entry>): void;
  close(): void;
}

const CHUNK = 4 * 1024 * 1024;
/** Lines of history that are never worth a rewrite. */
const SLACK_LINES = 20_000;

function* linesOf(file: number): Generator<{ text: string; end: number }, void, undefined> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  let [held, offset, end]: [Buffer, number, number] = [Buffer.alloc(0), 0, 0];
  for (;;) {
    const read = readSync(file, buffer, 0, CHUNK, offset);
    if (read === 0) return;
    offset += read;
    held = Buffer.concat([held, buffer.subarray(0, read)]);
    let start = 0;
    for (let stop = held.indexOf(10, start); stop >= 0; stop = held.indexOf(10, start)) {
      end += stop + 1 - start;
      yield { text: held.toString("utf8", start, stop), end };
      start = stop + 1;
    }
    held = held.subarray(start);
  }
}

const KINDS = new Set(["settings", "put", "drop", "upload", "part", "abort"]);

const parse = (path: string, text: string): Entry => {
  try {
    const entry: unknown = JSON.parse(text);
    if (Array.isArray(entry) && KINDS.has(entry[0]) && entry[1]) return entry as unknown as Entry;
  } catch (error) {
    throw damaged(path, error);
  }
  throw damaged(path, "a line that is no change of a bucket");
};

const writeWhole = (file: number, bytes: Buffer) => {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
};

const rewrite = (path: string, alive: Iterable<Entry>): number => {
  const file = openSync(`${path}.new`, "w");
  let [lines, batch] = [0, ""];
  try {
    for (const entry of alive) {
      batch += `${JSON.stringify(entry)}\n`;
      if (++lines % 1_000 > 0) continue;
      writeWhole(file, Buffer.from(batch));
      batch = "";
    }
    writeWhole(file, Buffer.from(batch));
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  return lines;
};

/** Opens a log, handing every entry to `replay`; a last line cut short is cut off, any other damage is told. */
export const openJournal = (path: string, replay: (entry: Entry) => void): Journal => {
  let file = openSync(path, "a+");
  let [lines, length] = [0, 0];
  const regular = fstatSync(file).isFile(); // a device has no history, and no length to set
  for (const { text, end } of regular ? linesOf(file) : []) {
    replay(parse(path, text));
    lines++;
    length = end;
  }
  const cut = () => {
    if (regular) ftruncateSync(file, length);
  };
  cut();
  return {
    append(entry) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      try {
        writeWhole(file, line);
      } catch (error) {
        cut();
        throw error;
      }
      lines++;
      length += line.length;
    },
    compactTo(size, alive) {
      if (lines < size * 3 + SLACK_LINES) return;
      try {
        lines = rewrite(path, alive());
      } catch {
        rmSync(`${path}.new`, { force: true }); // a full disk: the log stays as long as it is
        lines = size; // and is not tried again at every turn
        return;
      }
      closeSync(file);
      file = openSync(path, "a+");
      length = fstatSync(file).size;
    },
    close: () => closeSync(file),
  };
};
