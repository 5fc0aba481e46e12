import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { version } from "esbuild";
import type { Built } from "./compiler-thread.ts";
import type { BuildRequest } from "./options.ts";

/** Bundles of earlier runs, by function. */
export interface BundleCache {
  /** The last bundle of `request`, if no file that went into it has changed since. */
  find(request: BuildRequest): Built | undefined;
  keep(request: BuildRequest, built: Built): void;
}

// Functions of one app share almost all their inputs: each is looked at once per second, not once per function.
const FINGERPRINT_MS = 1_000;
/** Older bundles of a function stay this long, for environments of another running host that still use them. */
const PRUNE_MS = 24 * 3_600_000;

const keyOf = (request: BuildRequest): string =>
  createHash("sha256").update(version).update(JSON.stringify(request.options)).digest("hex");

const createFingerprints = () => {
  const seen = new Map<string, string>();
  let seenAt = 0;
  return (file: string): string => {
    if (Date.now() - seenAt > FINGERPRINT_MS) {
      seen.clear();
      seenAt = Date.now();
    }
    const known = seen.get(file);
    if (known !== undefined) return known;
    const stat = statSync(file, { throwIfNoEntry: false });
    const value = stat ? `${stat.mtimeMs}:${stat.size}` : "";
    seen.set(file, value);
    return value;
  };
};

const prune = (folder: string, request: BuildRequest, current: string) => {
  for (const name of readdirSync(folder)) {
    const old = path.join(folder, name);
    if (!name.startsWith(`${request.name}-`) || old === current) continue;
    const stat = statSync(old, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > PRUNE_MS) rmSync(old, { recursive: true, force: true });
  }
};

/** A cache below `folder`, one JSON file per function. */
export const createBundleCache = (folder: string): BundleCache => {
  const fingerprint = createFingerprints();
  const fileOf = (request: BuildRequest) => path.join(folder, `${request.name}.json`);

  return {
    find(request) {
      const file = fileOf(request);
      if (!existsSync(file)) return undefined;
      const { key, built } = JSON.parse(readFileSync(file, "utf8")) as { key: string; built: Built };
      if (key !== keyOf(request) || !existsSync(path.join(built.folder, request.file))) return undefined;
      const fresh = built.inputs.every(
        ([input, mtimeMs, size]) => fingerprint(input) === `${mtimeMs}:${size}`,
      );
      return fresh ? built : undefined;
    },
    keep(request, built) {
      mkdirSync(folder, { recursive: true });
      const draft = `${fileOf(request)}.${process.pid}`;
      writeFileSync(draft, JSON.stringify({ key: keyOf(request), built }));
      renameSync(draft, fileOf(request));
      prune(folder, request, built.folder);
    },
  };
};
