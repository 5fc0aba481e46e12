import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBlobs, writeAll } from "./blobs.ts";
import { asFault } from "./errors.ts";

async function* chunks(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

const textOf = async (bytes: AsyncIterable<Buffer>) => {
  let text = "";
  for await (const chunk of bytes) text += chunk;
  return text;
};

describe("blobs", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "blobs-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const failing = async function* () {
    yield Buffer.from("half");
    throw new Error("gone");
  };

  it("hold what came in, and any range of it", async () => {
    const blobs = openBlobs(folder);
    const one = await blobs.receive(chunks("Hello", ", "), () => {});
    const two = await blobs.receive(chunks("world"), () => {});
    expect(await textOf(blobs.read([...one, ...two]))).toBe("Hello, world");
    expect(await textOf(blobs.read([...one, ...two], { start: 4, end: 8 }))).toBe("o, wo");
    expect(await blobs.receive(chunks(), () => {})).toEqual([]);
  });

  it("leave no file of what did not come in whole", async () => {
    const blobs = openBlobs(folder);
    await expect(blobs.receive(failing(), () => {})).rejects.toThrow("gone");
    const refused = blobs.receive(chunks("a"), () => {
      throw new Error("no");
    });
    await expect(refused).rejects.toThrow("no");
    const [kept] = await blobs.receive(chunks("kept"), () => {});
    blobs.sweep(new Set([kept?.blob ?? ""]));
    const names = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(names().map(({ name }) => name)).toEqual([kept?.blob]);
    blobs.sweep(new Set());
    const [late] = await blobs.receive(chunks("came after"), () => {});
    await expect.poll(() => names().map(({ name }) => name)).toEqual([late?.blob]);
  });

  it("that are read while they are discarded go once they are read", async () => {
    const blobs = openBlobs(folder);
    const extents = await blobs.receive(chunks("text"), () => {});
    const path = blobs.pathOf(extents[0]?.blob ?? "");
    const stream = blobs.read(extents);
    blobs.discard(extents);
    expect(await textOf(stream)).toBe("text");
    await expect.poll(() => existsSync(path)).toBe(false);
  });

  it("are shared without being copied, and outlive those they came from", async () => {
    const [from, to] = [openBlobs(join(folder, "from")), openBlobs(join(folder, "to"))];
    const extents = await from.receive(chunks("shared"), () => {});
    const shared = await to.share(from, extents);
    from.discard(extents);
    await expect.poll(() => existsSync(from.pathOf(extents[0]?.blob ?? ""))).toBe(false);
    expect(await textOf(to.read(shared))).toBe("shared");
  });

  it("that a full disk takes no more of are refused as that", async () => {
    const full = await open("/dev/full", "w"); // a device that takes nothing
    const error = await writeAll(full, Buffer.from("text")).catch((thrown: unknown) => thrown);
    await full.close();
    expect(asFault(error)).toMatchObject({ code: "InsufficientStorage", status: 507 });
  });
});
