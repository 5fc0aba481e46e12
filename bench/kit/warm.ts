import { pathToFileURL } from "node:url";

// Run as a process of its own: CPU of one warm invocation, user and system, everything the handler does included.
const [file = "", eventJson = "{}", timesText = "500"] = process.argv.slice(2);
const times = Number(timesText);
const { handler } = (await import(pathToFileURL(file).href)) as {
  handler: (event: unknown, context: unknown) => Promise<{ statusCode?: number } | undefined>;
};
const context = {
  functionName: "bench",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:bench",
  memoryLimitInMB: "512",
  awsRequestId: "00000000-0000-4000-8000-000000000000",
  logGroupName: "bench",
  logStreamName: "bench",
  getRemainingTimeInMillis: () => 10_000,
};
const invoke = (n: number) => handler(JSON.parse(eventJson.replaceAll("{n}", String(n))), context);
for (let n = 0; n < times; n++) await invoke(n);
const before = process.cpuUsage();
let status = 0;
for (let n = times; n < times * 2; n++) status = (await invoke(n))?.statusCode ?? 0;
const { user, system } = process.cpuUsage(before);
process.stderr.write(JSON.stringify({ cpuMicros: (user + system) / times, status }));
process.exit(0);
