import path from "node:path";
import { watch } from "chokidar";

// Generated or installed: never edited by hand, and by far the most files.
const IGNORED = new Set(["node_modules", "dist", "coverage", "test-results"]);

/** Calls `edited` with every file below `root` that is written, created or removed. */
export const watchSources = async (
  root: string,
  edited: (file: string) => void,
): Promise<{ close(): Promise<void> }> => {
  const ignored = (file: string) =>
    path
      .relative(root, file)
      .split(path.sep)
      .some((part) => IGNORED.has(part) || (part.startsWith(".") && part !== ".."));
  // `atomic` would hold back a removal for 100 ms; a file gone for a moment only costs one more build.
  const watcher = watch(root, { ignored, ignoreInitial: true, atomic: false });
  watcher.on("all", (event, file) => {
    if (event === "add" || event === "change" || event === "unlink") edited(path.resolve(root, file));
  });
  const ready = Promise.withResolvers<void>();
  watcher.once("ready", () => ready.resolve());
  watcher.once("error", (error) => ready.reject(error));
  await ready.promise;
  watcher.on("error", () => {}); // a folder vanishing under the watch is not worth stopping for
  return { close: () => watcher.close() };
};
