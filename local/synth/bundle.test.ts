import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { bundlePlatform } from "./bundle.ts";

const scratch = mkdtempSync(join(tmpdir(), "bundle-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const lay = (file: string, text: string) => {
  mkdirSync(dirname(join(scratch, file)), { recursive: true });
  writeFileSync(join(scratch, file), text);
};

it("takes an older platform's bundle away, and leaves what another process is writing of this one", async () => {
  lay("platform/version", "1");
  lay("platform/src/shim/run.js", "export const shim = 1;");
  lay("platform/src/components/index.ts", "export const Component = 1;");
  lay("platform/src/auto/run.ts", "export const run = 1;");
  const places = { root: scratch, platform: join(scratch, "platform"), cache: join(scratch, "graph") };
  const old = await bundlePlatform(places);
  lay("platform/version", "2");
  const { file, names } = await bundlePlatform(places);
  expect([old.file, `${old.file}.json`].filter(existsSync)).toEqual([]);

  rmSync(`${file}.json`); // as if the other one were not done yet
  const others = [`${file}.1`, `${file}.json.1`];
  for (const other of others) writeFileSync(other, "half");
  expect(await bundlePlatform(places)).toEqual({ file, names });
  expect(names.toSorted()).toEqual(["$run", "shim", "sst"]);
  expect(others.map((other) => readFileSync(other, "utf8"))).toEqual(["half", "half"]);
});
