import { statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { arnOf, fixtureRoot, specOf, startHost, until } from "../fixtures/lambda/host.ts";

type Started = Awaited<ReturnType<typeof startHost>>;
let host: Started | undefined;
const start = async (...input: Parameters<typeof startHost>): Promise<Started> => {
  host = await startHost(...input);
  return host;
};
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

const source = (answer: string) =>
  `import { suffix } from "./shared.ts";\nexport const handler = async () => ${answer} + suffix;\n`;
const write = ({ root }: Started, name: string, text: string) =>
  writeFileSync(path.join(root, "functions", name), text);

/** Invokes `edited` until it answers as the new code does. */
const answered = async ({ lambda }: Started, expected: RegExp) => {
  const deadline = performance.now() + 5_000;
  for (let last: unknown; !expected.test(String(last)); ) {
    if (performance.now() > deadline) throw new Error(`Still answers ${String(last)}`);
    last = (await lambda.invoke(arnOf("edited"), {})).payload;
  }
};

/** A host with one function, `edited`, and the file it imports. */
const startEdited = async () => {
  const started = await start([specOf("edited"), specOf("noop")]);
  write(started, "shared.ts", 'export const suffix = "!";\n');
  write(started, "edited.ts", source('"old"'));
  expect((await started.lambda.invoke(arnOf("edited"), {})).payload).toBe("old!");
  return started;
};

test("every edit is served, wherever the file was imported", async () => {
  const started = await startEdited();
  for (const n of [1, 2, 3, 4, 5]) {
    const own = n % 2 === 1;
    write(
      started,
      own ? "edited.ts" : "shared.ts",
      own ? source(`"v${n}"`) : `export const suffix = "?${n}";\n`,
    );
    await answered(started, new RegExp(own ? `^v${n}` : `\\?${n}$`));
  }
});

test("an event that runs during an edit finishes on the old code", async () => {
  const started = await start([specOf("edited")]);
  const slow = (answer: string) =>
    `export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return ${answer}; };\n`;
  write(started, "edited.ts", slow('"old"'));
  const running = started.lambda.invoke(arnOf("edited"), {});
  await until(() => started.lambda.stats()[0]?.busy === 1, "the event to start");
  write(started, "edited.ts", slow('"new"'));
  await answered(started, /^new$/);
  expect((await running).payload).toBe("old");
});

test("a mistake is answered and printed with file and line, and its correction is served", async () => {
  const started = await startEdited();
  write(
    started,
    "edited.ts",
    'import { suffix } from "./shared.ts";\nexport const handler = async () => { suffix ;;; ( };\n',
  );
  await until(
    () => started.printed.some((line) => line.includes("does not build")),
    "the mistake to be printed",
  );
  const { error } = await started.lambda.invoke(arnOf("edited"), {});
  expect(error?.errorType).toBe("Runtime.BuildError");
  expect(error?.errorMessage).toMatch(/^functions\/edited\.ts:2:\d+: /);
  const before = started.printed.length;
  write(started, "edited.ts", source('"mended"'));
  await until(() => started.printed.slice(before).some((line) => line.startsWith("↻")), "the correction");
  expect((await started.lambda.invoke(arnOf("edited"), {})).payload).toBe("mended!");
});

test("an edit leaves functions that do not use the file alone", async () => {
  const started = await startEdited();
  await started.lambda.invoke(arnOf("noop"), {});
  write(started, "shared.ts", 'export const suffix = "~";\n');
  await answered(started, /~$/);
  expect((await started.lambda.invoke(arnOf("noop"), {})).initMs).toBeUndefined();
});

test("a bundle of an earlier run is used again while its sources are unchanged, and only then", async () => {
  const { root, remove } = fixtureRoot();
  const cache = path.join(root, ".sst/lambda/noop.json");
  const run = async (): Promise<unknown> => {
    const started = await start([specOf("noop")], { root });
    const { payload } = await started.lambda.invoke(arnOf("noop"), "event");
    await started.stop();
    return payload;
  };
  expect(await run()).toBe("event");
  const written = statSync(cache).mtimeMs;
  expect(await run()).toBe("event");
  expect(statSync(cache).mtimeMs).toBe(written);
  writeFileSync(
    path.join(root, "functions/noop.ts"),
    'export const handler = async () => "edited meanwhile";\n',
  );
  expect(await run()).toBe("edited meanwhile");
  remove();
});
