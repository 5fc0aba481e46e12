import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { buildWeb } from "./build-web.ts";

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "web-"));
const budget = 130 * 1024;

type Manifest = Readonly<Record<string, Chunk>>;

/** A build of the web app: its folder, and the chunks it lists. */
interface Build {
  readonly dist: string;
  readonly manifest: Manifest;
}

const buildIn = (dist: string): Build => ({
  dist,
  manifest: JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8")),
});

let aws: Build;
let local: Build;
beforeAll(async () => {
  await buildWeb("aws", folder);
  aws = buildIn(folder);
  local = buildIn(inject("webDist"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Files that must be there before `key` runs: its own and those it imports, and theirs. */
const filesOf = (manifest: Manifest, key: string, seen = new Set<string>()): Set<string> => {
  const chunk = manifest[key];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const next of chunk.imports ?? []) filesOf(manifest, next, seen);
  return seen;
};

const gzipped = ({ dist }: Build, files: Iterable<string>) =>
  [...files]
    .filter((file) => file.endsWith(".js"))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);

const entry = ({ manifest }: Build) => Object.keys(manifest).find((key) => manifest[key]?.isEntry) ?? "";
const first = (build: Build) => filesOf(build.manifest, entry(build));

it("the JavaScript of the first page is at most 130 KB gzipped", () => {
  expect(gzipped(aws, first(aws))).toBeGreaterThan(20 * 1024);
  expect(gzipped(aws, first(aws))).toBeLessThanOrEqual(budget);
});

it("the console adds next to nothing to the first page", () => {
  expect(gzipped(local, first(local)) - gzipped(aws, first(aws))).toBeLessThan(3 * 1024);
});

it("the shortener's page, with all it needs, is within the same budget", () => {
  const files = new Set([...first(aws), ...filesOf(aws.manifest, "src/shortener/shortener-page.tsx")]);
  expect(gzipped(aws, files)).toBeLessThanOrEqual(budget);
});

it.each(["limiter", "cache"])("the page of the %s, with all it needs, is within the same budget", (name) => {
  const page = `src/${name}/${name}-page.tsx`;
  expect(aws.manifest[page], page).toBeDefined();
  expect(first(aws).has(aws.manifest[page]?.file ?? "")).toBe(false);
  const files = new Set([...first(aws), ...filesOf(aws.manifest, page)]);
  expect(gzipped(aws, files)).toBeLessThanOrEqual(budget);
});

it("map, console and reference are chunks of their own, loaded when asked for", () => {
  for (const key of ["map/map-page", "reference/reference-page", "console/console-page"]) {
    const chunk = local.manifest[`src/${key}.tsx`];
    expect(chunk, key).toBeDefined();
    expect(first(local).has(chunk?.file ?? ""), key).toBe(false);
  }
});

it("a build for AWS holds no trace of what only the local cloud serves", () => {
  const textOf = ({ dist }: Build) =>
    globSync("**/*.{js,css,html,json}", { cwd: dist })
      .map((file) => `${file}\n${readFileSync(join(dist, file), "utf8")}`)
      .join("\n");
  const words = ["_local", "demo-users", "console-page", "map-page", "react-flow", "EventSource"];
  const [here, there] = [textOf(local), textOf(aws)];
  expect(words.filter((word) => here.includes(word))).toEqual(words);
  expect(words.filter((word) => there.includes(word))).toEqual([]);
  expect(Object.keys(aws.manifest).filter((key) => /src\/(console|map)\//.test(key))).toEqual([]);
});

it("the page loads nothing from elsewhere, and has no inline script or style", () => {
  for (const { dist } of [aws, local]) {
    const html = readFileSync(join(dist, "index.html"), "utf8");
    expect(html).toContain('src="/app/assets/');
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=/);
  }
});
