import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

/** The running DynamoDB Local. */
export interface Engine {
  readonly port: number;
  readonly pid: number;
  /** Resolves when it has ended, whether asked to or not. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

const emulator = () =>
  join(
    dirname(createRequire(import.meta.url).resolve("amplify-dynamodb-simulator/package.json")),
    "emulator",
  );

/** Runs its arguments and ends them when its standard input closes: so also when the parent is killed outright. */
const WATCHDOG = `exec 3<&0
"$@" 3<&- </dev/null & child=$!
(read -r _ <&3; kill "$child" 2>/dev/null) & watch=$!
wait "$child"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

const javaCommand = (folder: string | undefined) => {
  const home = emulator();
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin", "java") : "java";
  const args = [
    // the first compiler tier only, and one collector thread: 0.7 s to start, and no second core taken
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    // by default the heap grows to a quarter of the machine's memory, and stays there
    "-Xms32m",
    "-Xmx768m",
    "-XX:MinHeapFreeRatio=10",
    "-XX:MaxHeapFreeRatio=30",
    "-Dorg.eclipse.jetty.LEVEL=WARN",
    ...(folder ? ["-Dtenfold.inMemory=false", `-Dtenfold.dbPath=${folder}`] : []),
    `-Djava.library.path=${join(home, "DynamoDBLocal_lib")}`,
    "-cp",
    `${join(home, "DynamoDBLocal.jar")}:${join(home, "DynamoDBLocal_lib", "*")}`,
    "org.eclipse.jetty.xml.XmlConfiguration",
    fileURLToPath(new URL("./dynamodb-local.xml", import.meta.url)),
  ];
  return [java, ...args];
};

const dockerCommand = (folder: string | undefined, port: number) => [
  "docker",
  ...["run", "--rm", "--init", "-p", `127.0.0.1:${port}:8000`],
  ...(folder ? ["-v", `${folder}:/data`, "-u", "root"] : []),
  ...["amazon/dynamodb-local", "-jar", "DynamoDBLocal.jar", "-sharedDb", "-disableTelemetry"],
  ...(folder ? ["-dbPath", "/data"] : ["-inMemory"]),
];

const HELP = `DynamoDB Local needs Java 17 or newer, or Docker. Install one of:
  Debian, Ubuntu   apt-get install openjdk-17-jre-headless
  macOS            brew install openjdk@17
or set JAVA_HOME to a Java that is there already.`;

/** Resolves with the port once the child has said it listens; rejects with what it said instead. */
const ready = (child: ChildProcess, isUp: (line: string) => number | undefined) =>
  new Promise<number>((resolve, reject) => {
    const said: string[] = [];
    const listen = (stream: NodeJS.ReadableStream | null) => {
      if (!stream) return;
      createInterface({ input: stream }).on("line", (line) => {
        if (said.length < 50) said.push(line);
        const port = isUp(line);
        if (port) resolve(port);
      });
    };
    listen(child.stdout);
    listen(child.stderr);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`exit ${code}\n${said.join("\n")}`)));
  });

const endGroup = (pid: number | undefined) => {
  try {
    if (pid) process.kill(-pid, "SIGKILL");
  } catch {
    // nobody left in it, as usual
  }
};

const launch = async (command: string[], isUp: (line: string) => number | undefined): Promise<Engine> => {
  const child = spawn("sh", ["-c", WATCHDOG, "dynamodb-local", ...command], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true, // Ctrl-C at the terminal is for the local cloud, which stops its services in order
    env: { ...process.env, DDB_LOCAL_TELEMETRY: "0" },
  });
  const exited = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
  // a watchdog that was killed leaves its engine behind, which would share the file with the next one
  void exited.then(() => endGroup(child.pid));
  const port = await ready(child, isUp).catch((error: unknown) => {
    child.stdin.destroy();
    throw error;
  });
  return {
    port,
    pid: child.pid ?? 0,
    exited,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
};

const portPrinted = (line: string) => Number(/\{127\.0\.0\.1:(\d+)\}/.exec(line)?.[1]) || undefined;

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

const start = async (folder: string | undefined): Promise<Engine> => {
  try {
    return await launch(javaCommand(folder), portPrinted);
  } catch (java) {
    try {
      const port = await freePort();
      return await launch(dockerCommand(folder, port), (line) => (line.includes("Port:") ? port : undefined));
    } catch (docker) {
      const why = [java, docker].map((e) => (e instanceof Error ? e.message : String(e)));
      throw new Error(`${HELP}\nJava said: ${why[0]}\nDocker said: ${why[1]}`);
    }
  }
};

/** The engine's file, in write-ahead mode: readers then never wait for the writer, and a third more writes get through. */
const prepareDatabase = (folder: string) => {
  const file = join(folder, "shared-local-instance.db");
  if (existsSync(file)) return;
  const database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL");
  database.close();
};

/** Two engines on one database file would corrupt it: an engine left behind by an earlier run is ended first. */
const endStale = async (pidFile: string) => {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!pid) return;
  const args = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  // the watchdog leads a process group of its own: the engine goes with it
  if (args.includes("dynamodb-local")) process.kill(-pid, "SIGKILL");
};

/** Starts DynamoDB Local on a free loopback port; `folder` undefined keeps the tables in memory. */
export const startEngine = async (folder: string | undefined): Promise<Engine> => {
  if (!folder) return start(undefined);
  await mkdir(folder, { recursive: true });
  const pidFile = join(folder, "engine.pid");
  await endStale(pidFile);
  prepareDatabase(folder);
  const engine = await start(folder);
  await writeFile(pidFile, String(engine.pid));
  return {
    ...engine,
    async stop() {
      await engine.stop();
      await rm(pidFile, { force: true });
    },
  };
};
