import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FaultSchema, parseRule } from "../../local/faults/rule.schema.ts";
import { blocks } from "./docs/blocks.ts";
import * as Markdown from "./docs/markdown.ts";
import { namesPattern, patterns } from "./pattern-names.ts";

// `UPDATE_DOCS=1 npx vitest run --project unit test/rules/docs.test.ts` writes the generated tables anew.

const root = join(import.meta.dirname, "../..");
const pages = globSync(["README.md", "AGENTS.md", "docs/**/*.md", "local/*.md"], { cwd: root }).toSorted();
const read = (page: string) => readFileSync(join(root, page), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

const render = (name: string): string => {
  const block = blocks[name];
  if (!block) throw new Error(`Nothing generates ${name}`);
  return block();
};

describe("the documentation", () => {
  it("has pages to judge", () => {
    expect(pages).toEqual(
      expect.arrayContaining([
        "docs/01-shortener.md",
        "docs/architecture.md",
        "docs/aws.md",
        "local/README.md",
      ]),
    );
  });

  it.each(pages)("%s holds the tables that the code makes", (page) => {
    const text = read(page);
    const made = Markdown.regenerate(text, render);
    if (process.env.UPDATE_DOCS === "1" && made !== text) writeFileSync(join(root, page), made);
    expect(read(page), "run it with UPDATE_DOCS=1").toBe(made);
  });

  it("shows every table there is, and opens none that it does not close", () => {
    const shown = pages.flatMap((page) => Markdown.blocksOf(read(page)));
    expect(Object.keys(blocks).filter((name) => !shown.includes(name))).toEqual([]);
    const marks = pages.flatMap((page) => read(page).match(/^<!-- generated:.*/gm) ?? []);
    expect(shown).toHaveLength(marks.length);
  });

  it.each(pages)("%s links to files and headings that exist", (page) => {
    expect(Markdown.brokenLinks(root, page, read(page))).toEqual([]);
  });

  it.each(pages)("%s names files and scripts that exist", (page) => {
    expect(Markdown.missingPaths(root, page, read(page))).toEqual([]);
    expect(Markdown.missingScripts(scripts, page, read(page))).toEqual([]);
  });

  it("names no pattern where the local cloud is described", () => {
    const said = ["local/README.md", "local/OPERATIONS.md"].map(read).join("\n");
    expect(patterns).toContain("shortener");
    expect(namesPattern.exec(said)?.[0]).toBeUndefined();
  });
});

describe("the page of the local cloud", () => {
  const text = read("local/README.md");

  it("shows faults that the local cloud takes", () => {
    const rules = [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, json = ""]) => JSON.parse(json));
    const posted = [...text.matchAll(/-d '(\{.*"fault".*\})'/g)].map(([, json = ""]) => JSON.parse(json));
    expect(rules.length).toBeGreaterThan(0);
    expect(posted.length).toBeGreaterThan(0);
    for (const rule of [...rules, ...posted]) expect(() => parseRule(rule)).not.toThrow();
  });

  it("names every kind of fault", () => {
    const kinds = FaultSchema.options.map(({ entries }) => entries.kind.literal);
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds.filter((kind) => !text.includes(`\`${kind}\``))).toEqual([]);
  });

  it("offers the options that `npm start` takes", () => {
    const help = readFileSync(join(root, "local/main.ts"), "utf8");
    const options = [...help.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option = ""]) => option);
    expect(options).toContain("--port");
    expect(options.filter((option) => !text.includes(option))).toEqual([]);
  });
});

describe("the rules themselves", () => {
  const broken = (text: string) => Markdown.brokenLinks(root, "docs/page.md", text);

  it("find a missing file, a missing heading and a way out", () => {
    expect(broken("[a](nothing.md)")).toHaveLength(1);
    expect(broken("[a](#nowhere)\n# Here")).toHaveLength(1);
    expect(broken("[a](../../elsewhere.md)")).toHaveLength(1);
    expect(broken('<img src="nothing.png" alt="">')).toHaveLength(1);
  });

  it("take what is there, what is elsewhere, and what is only code", () => {
    expect(broken("# Two words, `code`\n[a](#two-words-code)\n[b](../package.json)")).toEqual([]);
    expect(broken("[a](https://example.org/x) `[b](c.md)`\n```\n[d](e.md)\n```")).toEqual([]);
  });

  it("number headings that repeat", () => {
    expect([...Markdown.anchorsOf("# A\n## A\n```\n# B\n```")]).toEqual(["a", "a-1"]);
  });

  it("find a path and a script that are gone", () => {
    expect(
      Markdown.missingPaths(root, "p", "`core/kit/nothing.ts` `core/<x>/y.ts` `core/kit/problem.ts:3`"),
    ).toEqual(["p names core/kit/nothing.ts"]);
    expect(Markdown.missingScripts({ check: "" }, "p", "`npm run chekc` and `npm run check`")).toEqual([
      "p runs chekc",
    ]);
  });

  it("write a block anew and leave the rest alone", () => {
    const page = "a\n<!-- generated:x -->\nold\n<!-- /generated -->\nb";
    expect(Markdown.regenerate(page, () => "new")).toBe(
      "a\n<!-- generated:x -->\nnew\n<!-- /generated -->\nb",
    );
    expect(() => Markdown.regenerate(page.replace("x", "nobody-makes-this"), render)).toThrow(
      "Nothing generates",
    );
  });
});
