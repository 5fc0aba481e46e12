import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, it } from "vitest";
import { buildWeb } from "./site.ts";

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
}

const dist = join(import.meta.dirname, "../../web/dist");
const budget = 130 * 1024;

let manifest: Record<string, Chunk>;
beforeAll(async () => {
  await buildWeb();
  manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
});

/** Files that must be there before `key` runs: its own and those it imports, and theirs. */
const filesOf = (key: string, seen = new Set<string>()): Set<string> => {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const next of chunk.imports ?? []) filesOf(next, seen);
  return seen;
};

const gzipped = (files: Iterable<string>) =>
  [...files]
    .filter((file) => file.endsWith(".js"))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);

const entry = () => Object.keys(manifest).find((key) => manifest[key]?.isEntry) ?? "";

it("the JavaScript of the first page is at most 130 KB gzipped", () => {
  expect(gzipped(filesOf(entry()))).toBeGreaterThan(20 * 1024);
  expect(gzipped(filesOf(entry()))).toBeLessThanOrEqual(budget);
});

it("the shortener's page, with all it needs, is within the same budget", () => {
  const files = new Set([...filesOf(entry()), ...filesOf("src/shortener/shortener-page.tsx")]);
  expect(gzipped(files)).toBeLessThanOrEqual(budget);
});

it("the map and the reference are chunks of their own, loaded when asked for", () => {
  const first = filesOf(entry());
  for (const key of ["src/map/map-page.tsx", "src/reference/reference-page.tsx"]) {
    const chunk = manifest[key];
    expect(chunk, key).toBeDefined();
    expect(first.has(chunk?.file ?? ""), key).toBe(false);
  }
});

it("the page loads nothing from elsewhere, and has no inline script or style", () => {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  expect(html).toContain('src="/app/assets/');
  expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=/);
});
