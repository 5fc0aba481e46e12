import autocannon from "autocannon";
import { percentile } from "./report.ts";

// Run as a process of its own, so that the load is not made by the process that serves it.
const [optionsJson = "{}"] = process.argv.slice(2);
const options = JSON.parse(optionsJson) as autocannon.Options & { expect: number; warmSeconds: number };

const run = (duration: number) =>
  new Promise<{ times: number[]; unexpected: number; result: autocannon.Result }>((resolve, reject) => {
    const times: number[] = [];
    let unexpected = 0;
    const instance = autocannon({ ...options, duration }, (error, result) =>
      error ? reject(error) : resolve({ times, unexpected: unexpected + result.errors, result }),
    );
    instance.on("response", (_client, status, _bytes, ms) => {
      times.push(ms);
      if (status !== options.expect) unexpected++;
    });
  });

await run(options.warmSeconds); // warms environments and caches up
const { times, unexpected, result } = await run(Number(options.duration));
process.stdout.write(
  JSON.stringify({
    perSecond: result.requests.average,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    p99: percentile(times, 0.99),
    unexpected,
  }),
);
process.exit(0);
