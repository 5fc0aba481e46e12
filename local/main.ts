import { join } from "node:path";
import { parseArgs } from "node:util";
import { start } from "./start.ts";
import { ensurePlatform } from "./synth/install.ts";

const HELP = `npm start -- [options]
  --port <n>      of the front door (default 3000)
  --aws-port <n>  of the AWS endpoint (default 4566)
  --stage <name>  evaluate the stacks for another stage (default local)
  --reset         forget all data first
  --seed          seed the demo data again (a first start does so by itself)
  --no-seed       start empty`;

const read = () => {
  try {
    return parseArgs({
      allowNegative: true,
      options: {
        port: { type: "string", default: "3000" },
        "aws-port": { type: "string", default: "4566" },
        stage: { type: "string", default: "local" },
        reset: { type: "boolean", default: false },
        seed: { type: "boolean" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
};

const portOf = (name: string, value: string): number => {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  console.error(`--${name} takes a port number, not "${value}"`);
  process.exit(2);
};

const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  return code === "EADDRINUSE" && port !== undefined
    ? `Port ${port} is taken by another program: choose one with --port or --aws-port`
    : error.message;
};

const options = read();
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
const root = join(import.meta.dirname, "..");
const dataDir = join(root, ".data", options.stage);

try {
  await ensurePlatform(root);
  const cloud = await start({
    root,
    stage: options.stage,
    port: portOf("port", options.port),
    awsPort: portOf("aws-port", options["aws-port"]),
    dataDir,
    reset: options.reset,
    sites: true,
    ...(options.seed !== undefined && { seed: options.seed }),
    print: (line) => console.log(line),
  });
  void cloud.lambda.build(); // whatever the first events would have to wait for
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(1); // a second Ctrl-C does not wait
    stopping = true;
    console.log("stopping …");
    cloud.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.on("SIGHUP", stop);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
