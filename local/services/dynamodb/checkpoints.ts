import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readKept } from "../../kit/kept.ts";
import type { Position } from "./reader.ts";

/** A position bound to the engine's stream: a table made anew has another stream, whose numbers start again. */
interface Stored extends Position {
  readonly stream: string;
}

/** How far one mapping has come, kept on disk. */
export interface Checkpoint {
  load(stream: string): Promise<Position | undefined>;
  save(stream: string, position: Position): void;
  /** Resolves once what was saved is on disk. */
  flush(): Promise<void>;
}

/** `folder` undefined keeps nothing. Saves coalesce: while one is being written only the newest of the others is kept. */
export const createCheckpoint = (folder: string | undefined, id: string): Checkpoint => {
  if (!folder) return { load: async () => undefined, save: () => {}, flush: async () => {} };
  const file = join(folder, `${id}.json`);
  let pending: Stored | undefined;
  let writing: Promise<void> | undefined;
  const drain = async () => {
    await mkdir(folder, { recursive: true });
    while (pending) {
      const text = JSON.stringify(pending);
      pending = undefined;
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file); // whole or not at all
    }
    writing = undefined;
  };
  return {
    async load(stream) {
      const kept = readKept(file) as Stored | undefined;
      if (!kept) return undefined;
      const { stream: of, ...position } = kept;
      return of === stream ? position : undefined;
    },
    save(stream, position) {
      pending = { ...position, stream };
      writing ??= drain();
    },
    flush: async () => {
      await writing;
    },
  };
};
