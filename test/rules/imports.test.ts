import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { namesPattern, patterns } from "./pattern-names.ts";

const root = join(import.meta.dirname, "../..");
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.ts", "*.tsx"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter(
    (file) =>
      /^(core|demo|functions|stacks|local|web|bench|test)\//.test(file) && !/\.test\.tsx?$/.test(file),
  )
  .filter((file) => !file.startsWith("test/fixtures/"));

const SPECIFIER = /(?:from\s+|import\s*\(\s*|import\s+)["']([^"']+)["']/g;

/** Files of this repository that `file` imports, as paths from the root. */
const importsOf = (file: string): string[] => {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(SPECIFIER)].flatMap(([, specifier = ""]) => {
    if (specifier.startsWith("#")) return [specifier.slice(1)];
    if (specifier.startsWith(".")) return [normalize(join(dirname(file), specifier))];
    return [];
  });
};

const room = (file: string) => file.split("/")[0] ?? "";
const pattern = (file: string) => file.split("/")[1] ?? "";
const isSchema = (file: string) => file.endsWith(".schema.ts");

/** Why an import is not allowed; undefined when it is. */
const objection = (from: string, to: string): string | undefined => {
  if (room(from) === "test" || room(from) === "bench") return undefined;
  if (["local", "bench", "test"].includes(room(to)) && room(to) !== room(from))
    return `nothing imports ${room(to)}`;
  if (room(from) === room(to) && room(from) !== "core") return undefined;
  if (room(from) === "functions") return room(to) === "core" ? undefined : "functions import core only";
  if (room(from) === "stacks") {
    return room(to) === "core" && (isSchema(to) || to === "core/kit/problem.ts")
      ? undefined
      : "stacks import pure data from core only";
  }
  if (room(from) === "web" || room(from) === "demo") {
    return room(to) === "core" && isSchema(to) ? undefined : `${room(from)} imports core's schemas only`;
  }
  if (room(from) === "core") {
    if (room(to) !== "core") return "core imports core only";
    if (pattern(to) === "kit" || pattern(to) === pattern(from)) return undefined;
    return to.endsWith(".model.ts") ? "a pattern's model is its own" : undefined;
  }
  return `${room(from)} may not import ${room(to)}`;
};

describe("who may import whom", () => {
  it("finds sources to judge", () => {
    expect(files.length).toBeGreaterThan(20);
  });

  it("every import keeps to the rooms", () => {
    const wrong = files.flatMap((from) =>
      importsOf(from).flatMap((to) => {
        const why = objection(from, to);
        return why === undefined ? [] : [`${from} imports ${to}: ${why}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it("the rule itself refuses a forbidden edge", () => {
    expect(objection("core/a/b.ts", "local/kit/clock.ts")).toBeDefined();
    expect(objection("core/a/b.ts", "core/c/d.model.ts")).toBeDefined();
    expect(objection("web/src/a.tsx", "core/a/b.ts")).toBeDefined();
    expect(objection("stacks/a.ts", "core/a/b.ts")).toBeDefined();
    expect(objection("functions/a/b.ts", "core/a/b.ts")).toBeUndefined();
  });

  it("local names none of the patterns", () => {
    const named = files
      .filter((file) => room(file) === "local")
      .filter((file) => namesPattern.test(readFileSync(join(root, file), "utf8")));
    expect(patterns).toContain("shortener");
    expect(named).toEqual([]);
  });
});
