import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A start of the local cloud as `npm start` makes it, on free ports. */
export interface Launch {
  readonly child: ChildProcess;
  /** Milliseconds until the door was open, and where it is (ends with a slash). */
  readonly ready: Promise<{ readonly ms: number; readonly url: string }>;
}

/** Starts the local cloud of `stage` in a process of its own. */
export const launch = (stage: string): Launch => {
  const args = ["local/main.ts", "--port", "0", "--aws-port", "0", "--stage", stage, "--no-seed"];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const began = performance.now();
  const ready = new Promise<{ ms: number; url: string }>((resolve, reject) => {
    let output = "";
    let open = false;
    child.stdout.on("data", (chunk: Buffer) => {
      if (open) return; // read on, so that the pipe never fills
      output += chunk.toString();
      const url = /web and API\s+(\S+)/.exec(output)?.[1];
      if (!url) return;
      open = true;
      resolve({ ms: performance.now() - began, url });
    });
    child.on("exit", (code) => reject(new Error(`It ended with code ${code}:\n${output}`)));
  });
  return { child, ready };
};

/** Asks a local cloud to end, and waits until it has. */
export const ended = (child: ChildProcess): Promise<unknown> => {
  const exit = new Promise((resolve) => child.on("exit", resolve));
  child.kill("SIGINT");
  return exit;
};

/** Resident megabytes of one process, its threads included; DynamoDB Local's JVM is another process. */
export const residentMb = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;

/** Processes that `pid` started, and those they started. */
export const descendants = (pid: number): number[] => {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
};
