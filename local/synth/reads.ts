import { createHash } from "node:crypto";
import fs, { existsSync, promises, readdirSync, readFileSync, statSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve, sep } from "node:path";
import type { Places } from "./bundle.ts";

// A graph holds as long as all it was made from holds: the files that were bundled, what the stacks read or looked for
// besides, and the environment variables they asked for.

/** Everything an evaluation depended on: paths with a digest of what stood there, and variables with theirs. */
export interface Reads {
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

const sha = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

type Question = "content" | "exists";

const digestFile = (path: string, question: Question): string => {
  if (!existsSync(path)) return "absent";
  if (question === "exists") return "present";
  return statSync(path).isDirectory()
    ? sha(readdirSync(path).toSorted().join("\n"))
    : sha(readFileSync(path));
};

const digestVariable = (value: string | undefined): string => (value === undefined ? "absent" : sha(value));

// Set by synth itself, and different on every evaluation.
const own = new Set([
  "SST_SERVER",
  "SST_AWS_REGION",
  "NODE_CHANNEL_FD",
  "NODE_COMPILE_CACHE",
  "NODE_OPTIONS",
]);

/** Starts noting what is read from here on. `done` tells all of it, with digests. */
export const recordReads = (places: Places, inputs: readonly string[]) => {
  const files = new Map<string, Question>(inputs.map((path) => [path, "content"]));
  const env = new Set<string>();
  const actual = process.env;
  process.env = watched(actual, env);
  const note = (path: unknown, question: Question) => {
    if (typeof path !== "string") return;
    const full = resolve(path);
    if (!within(places, full) || files.get(full) === "content") return;
    files.set(full, question);
  };
  const restore = watchFiles(note);
  return {
    done(): Reads {
      restore();
      process.env = actual;
      return {
        files: Object.fromEntries([...files].map(([path, question]) => [path, tag(path, question)])),
        env: Object.fromEntries([...env].map((name) => [name, digestVariable(actual[name])])),
      };
    },
  };
};

const tag = (path: string, question: Question) => `${question}:${digestFile(path, question)}`;

const within = ({ root, cache, platform }: Places, path: string): boolean =>
  path.startsWith(root + sep) &&
  ![cache, platform].some((folder) => path.startsWith(folder)) &&
  !/[\\/](node_modules|\.sst|\.git)([\\/]|$)/.test(path.slice(root.length));

const watched = (actual: NodeJS.ProcessEnv, asked: Set<string>): NodeJS.ProcessEnv =>
  new Proxy(actual, {
    get(target, name) {
      if (typeof name === "string" && !own.has(name)) asked.add(name);
      return Reflect.get(target, name);
    },
    has(target, name) {
      if (typeof name === "string" && !own.has(name)) asked.add(name);
      return Reflect.has(target, name);
    },
  });

const contentReaders = ["readFileSync", "readFile", "readdirSync", "readdir"] as const;
const existenceReaders = ["existsSync", "statSync", "lstatSync", "accessSync", "stat", "access"] as const;

const watchFiles = (note: (path: unknown, question: Question) => void): (() => void) => {
  const undo: (() => void)[] = [];
  const wrap = (holder: object, name: string, question: Question) => {
    const before: unknown = Reflect.get(holder, name);
    if (typeof before !== "function") return;
    const after = (...args: unknown[]) => {
      note(args[0] instanceof URL ? args[0].pathname : args[0], question);
      return Reflect.apply(before, holder, args);
    };
    Reflect.set(holder, name, Object.assign(after, before));
    undo.push(() => Reflect.set(holder, name, before));
  };
  for (const holder of [fs, promises]) {
    for (const name of contentReaders) wrap(holder, name, "content");
    for (const name of existenceReaders) wrap(holder, name, "exists");
  }
  syncBuiltinESMExports();
  return () => {
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  };
};

/** Whether everything still stands as it was read; `now` is what an evaluation would find in its environment. */
export const stillHolds = ({ files, env }: Reads, now: NodeJS.ProcessEnv): boolean =>
  Object.entries(env).every(([name, digest]) => digestVariable(now[name]) === digest) &&
  Object.entries(files).every(([path, digest]) => {
    const question = digest.startsWith("exists:") ? "exists" : "content";
    return tag(path, question) === digest;
  });
