import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { holdFolder } from "./lock.ts";

it("a folder is held by one at a time, and free again once it is let go", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  const release = await holdFolder(folder);
  await expect(holdFolder(folder)).rejects.toThrow("in use by another local cloud");
  await release();
  await (await holdFolder(folder))();
});
