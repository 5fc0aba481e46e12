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

// A log of JSON, a value a line. A line is written before what it says is done in memory, and in one synchronous
// write: what was answered survives a kill, and a line cut short was never answered.

/** A log that is appended to. */
export interface LineLog<Line> {
  /** Writes one line. Throws without a trace where the disk takes no more. */
  append(line: Line): void;
  /** Rewrites the log to `alive`, which is some `size` lines, once most of it is history. */
  compactTo(size: number, alive: () => Iterable<Line>): void;
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

const writeWhole = (file: number, bytes: Buffer) => {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
};

const rewrite = (path: string, alive: Iterable<unknown>): number => {
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

const parse = <Line>(path: string, text: string, read: (value: unknown) => Line | undefined): Line => {
  let line: Line | undefined;
  try {
    line = read(JSON.parse(text));
  } catch (error) {
    throw damaged(path, error);
  }
  if (line === undefined) throw damaged(path, "a line that says nothing");
  return line;
};

/**
 * Opens a log, handing every line to `replay`; a last line cut short is cut off, any other damage is told. `read` makes a
 * line of JSON, or undefined of what is none.
 */
export const openLineLog = <Line>(
  path: string,
  read: (value: unknown) => Line | undefined,
  replay: (line: Line) => void,
): LineLog<Line> => {
  let file = openSync(path, "a+");
  let [lines, length, alive] = [0, 0, 0];
  const regular = fstatSync(file).isFile(); // a device has no history, and no length to set
  for (const { text, end } of regular ? linesOf(file) : []) {
    replay(parse(path, text, read));
    lines++;
    length = end;
  }
  const cut = () => {
    if (regular) ftruncateSync(file, length);
  };
  cut();
  return {
    append(line) {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        writeWhole(file, bytes);
      } catch (error) {
        cut();
        throw error;
      }
      lines++;
      length += bytes.length;
    },
    compactTo(size, living) {
      // what was alive the last time may be more than the caller counts
      if (lines < Math.max(size, alive) * 3 + SLACK_LINES) return;
      try {
        lines = rewrite(path, living());
        alive = lines;
      } catch {
        rmSync(`${path}.new`, { force: true }); // a full disk: the log stays as long as it is
        alive = lines; // and is not tried again at every turn
        return;
      }
      closeSync(file);
      file = openSync(path, "a+");
      length = fstatSync(file).size;
    },
    close: () => closeSync(file),
  };
};
