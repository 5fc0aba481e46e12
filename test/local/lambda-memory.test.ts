import { writeFileSync } from "node:fs";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createRecorder } from "../../local/kit/recorder.ts";
import { arnOf, specOf, startHost } from "../fixtures/lambda/host.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Live bytes of this process's heap. */
const heap = () => {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
};

/** A host that keeps nothing but what the host itself keeps. */
const startBare = (names: readonly string[]) =>
  startHost(
    names.map((name) => specOf(name)),
    { recorder: createRecorder(100), print() {}, logs: { append() {} } },
  );

test("six thousand invocations leave nothing in memory", async () => {
  const host = await startBare(["noop"]);
  const run = async (count: number) => {
    for (let i = 0; i < count; i += 20)
      await Promise.all(Array.from({ length: 20 }, () => host.lambda.invoke(arnOf("noop"), { i })));
  };
  await run(2_000);
  const before = heap();
  await run(6_000);
  // 250 bytes each: less than a request id, its event and a promise take.
  expect(heap() - before).toBeLessThan(1_500_000);
  await host.stop();
});

test("an edit leaves no environment, key or listener of the old code behind", async () => {
  const host = await startBare(["edited"]);
  const issued = new Set<string>();
  const { issue } = host.credentials;
  Object.assign(host.credentials, {
    issue(...to: Parameters<typeof issue>) {
      const caller = issue(...to);
      issued.add(caller.accessKeyId);
      return caller;
    },
  });
  const serve = async (version: number) => {
    const code = `export const handler = async () => ${version};\n`;
    writeFileSync(path.join(host.root, "functions/edited.ts"), code);
    let answer: unknown;
    while (answer !== version) answer = (await host.lambda.invoke(arnOf("edited"), {})).payload;
  };
  await serve(1);
  const listeners = process.eventNames().map((name) => [name, process.listenerCount(name)]);
  for (let version = 2; version <= 12; version++) await serve(version);
  expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(listeners);
  expect(issued.size).toBeGreaterThanOrEqual(12);
  const known = () => [...issued].filter((key) => host.credentials.find(key));
  await expect.poll(() => known().length).toBe(1);
  expect(host.lambda.stats()[0]?.environments).toBe(1);
  await host.stop();
  expect(known()).toEqual([]);
});
