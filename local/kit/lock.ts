import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// A socket, not a pid in a file: it is gone with its process however that ends, and no other process is mistaken for it.
const socketOf = (folder: string) => {
  const name = createHash("sha256").update(resolve(folder)).digest("hex").slice(0, 16);
  return join(tmpdir(), `local-cloud-${name}.sock`); // in the temporary folder: a socket's path has 107 bytes at most
};

const answers = (path: string) =>
  new Promise<boolean>((done) => {
    const socket = connect(path);
    socket.on("connect", () => done(true));
    socket.on("error", () => done(false));
    socket.on("connect", () => socket.destroy());
  });

const listen = (path: string) =>
  new Promise<() => Promise<void>>((done, fail) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", fail);
    server.listen(path, () => done(() => new Promise((closed) => server.close(() => closed()))));
    server.unref();
  });

/** Holds a data folder for this process; throws when another one holds it. Returns what lets it go. */
export const holdFolder = async (folder: string): Promise<() => Promise<void>> => {
  const path = socketOf(folder);
  if (await answers(path)) {
    throw new Error(
      `The data in ${folder} is in use by another local cloud: stop it first, or name another --stage`,
    );
  }
  rmSync(path, { force: true }); // left by one that was killed
  return listen(path);
};
