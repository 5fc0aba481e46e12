import { randomBytes } from "node:crypto";
import { constants, existsSync, readdirSync } from "node:fs";
import { copyFile, type FileHandle, link, mkdir, open, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { Extent } from "./types.ts";

/** Bytes read at a time. */
const PIECE = 128 * 1024;

/** The files that hold a bucket's bytes: written once, never changed, gone when nobody needs them. */
export interface Blobs {
  receive(bytes: AsyncIterable<Buffer>, each: (chunk: Buffer) => void): Promise<Extent[]>;
  /** Links the bytes of `other` into this folder. */
  share(other: Blobs, extents: readonly Extent[]): Promise<Extent[]>;
  discard(extents: Iterable<Extent>): void;
  read(extents: readonly Extent[], range?: { start: number; end: number }): Readable;
  /** Keeps files from going while they are in use; returns what ends that. */
  hold(extents: readonly Extent[]): () => void;
  pathOf(blob: string): string;
  /** Deletes every file that `known` does not name: what a kill left half written, or not yet deleted. */
  sweep(known: ReadonlySet<string>): void;
}

const makeRoom = async <T>(path: string, make: () => Promise<T>): Promise<T> => {
  try {
    return await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true });
    return make();
  }
};

/** Writes all of a chunk, however the system takes it. */
export const writeAll = async (file: FileHandle, chunk: Buffer): Promise<void> => {
  for (let done = 0; done < chunk.length; ) {
    done += (await file.write(chunk, done, chunk.length - done)).bytesWritten;
  }
};

const linkOrCopy = async (from: string, to: string) => {
  try {
    await makeRoom(to, () => link(from, to));
  } catch (error) {
    // file systems without links, or a file with as many as it can have
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "EXDEV", "ENOSYS"].includes(code)) throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
};

/** The extents that hold bytes `start`…`end` (inclusive) of what `extents` hold in a row. */
export const slice = (extents: readonly Extent[], start: number, end: number): Extent[] => {
  const found: Extent[] = [];
  let at = 0;
  for (const { blob, offset = 0, size } of extents) {
    const [from, to] = [Math.max(start, at), Math.min(end + 1, at + size)];
    if (from < to)
      found.push({
        blob,
        ...(offset + from - at > 0 ? { offset: offset + from - at } : {}),
        size: to - from,
      });
    at += size;
  }
  return found;
};

async function* pieces(pathOf: (blob: string) => string, extents: readonly Extent[]) {
  for (const { blob, offset = 0, size } of extents) {
    const file = await open(pathOf(blob), "r");
    try {
      for (let done = 0; done < size; ) {
        const piece = Buffer.allocUnsafeSlow(Math.min(PIECE, size - done));
        const { bytesRead } = await file.read(piece, 0, piece.length, offset + done);
        if (bytesRead === 0) throw new Error(`${pathOf(blob)} is shorter than what was written to it`);
        done += bytesRead;
        yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }
}

const create = () => randomBytes(16).toString("hex");

/** Counts who uses a file, and lets one that is not wanted any more go with its last user. */
const keepHeld = (remove: (blob: string) => void): Pick<Blobs, "hold" | "discard"> => {
  const held = new Map<string, number>();
  const doomed = new Set<string>();
  const release = (blob: string) => {
    const left = (held.get(blob) ?? 1) - 1;
    if (left > 0) return void held.set(blob, left);
    held.delete(blob);
    if (doomed.delete(blob)) remove(blob);
  };
  return {
    hold(extents) {
      for (const { blob } of extents) held.set(blob, (held.get(blob) ?? 0) + 1);
      let over = false;
      return () => {
        if (over) return;
        over = true;
        for (const { blob } of extents) release(blob);
      };
    },
    discard(extents) {
      for (const { blob } of extents) {
        if (held.has(blob)) doomed.add(blob);
        else remove(blob);
      }
    },
  };
};

const receiveInto = async (
  path: string,
  bytes: AsyncIterable<Buffer>,
  each: (chunk: Buffer) => void,
): Promise<number> => {
  let file: FileHandle | undefined;
  let size = 0;
  try {
    for await (const chunk of bytes) {
      if (chunk.length === 0) continue;
      each(chunk);
      file ??= await makeRoom(path, () => open(path, "wx"));
      await writeAll(file, chunk);
      size += chunk.length;
    }
  } catch (error) {
    await file?.close();
    if (file) await unlink(path).catch(() => {});
    throw error;
  }
  await file?.close();
  return size;
};

const filesIn = (folder: string): string[] => {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((part) => readdirSync(join(folder, part)));
};

/** Opens a folder of bytes. */
export const openBlobs = (folder: string): Blobs => {
  const pathOf = (blob: string) => join(folder, blob.slice(0, 2), blob);
  // a file that cannot be deleted is found by the next start's sweep
  const remove = (blob: string) => void unlink(pathOf(blob)).catch(() => {});
  const holding = keepHeld(remove);
  return {
    ...holding,
    pathOf,
    async receive(bytes, each) {
      const blob = create();
      const size = await receiveInto(pathOf(blob), bytes, each);
      return size > 0 ? [{ blob, size }] : [];
    },
    async share(other, extents) {
      const shared: Extent[] = [];
      const done = other.hold(extents);
      try {
        for (const extent of extents) {
          const blob = create();
          await linkOrCopy(other.pathOf(extent.blob), pathOf(blob));
          shared.push({ ...extent, blob });
        }
        return shared;
      } catch (error) {
        for (const { blob } of shared) remove(blob);
        throw error;
      } finally {
        done();
      }
    },
    read(extents, range) {
      const wanted = range ? slice(extents, range.start, range.end) : extents;
      const stream = Readable.from(pieces(pathOf, wanted), { objectMode: false, highWaterMark: PIECE });
      stream.once("close", holding.hold(wanted));
      return stream;
    },
    sweep(known) {
      // read at once, before anything new comes in that `known` could not know of
      for (const blob of filesIn(folder)) if (!known.has(blob)) remove(blob);
    },
  };
};
