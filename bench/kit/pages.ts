import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../../test/rules/docs/markdown.ts";
import type { Row } from "./report.ts";

// `node bench/kit/pages.ts` writes the results in `dist/bench/` into the pages, between `<!-- measured:name -->` and
// `<!-- /measured -->`; with `--blank`, their rows without figures.

interface Report {
  readonly at: string;
  readonly node: string;
  readonly machine: { readonly cpu: string; readonly cores: number };
  readonly rows: readonly Row[];
}

const root = join(import.meta.dirname, "../..");
const blank = process.argv.includes("--blank");

const shown = (value: string | number | undefined, isLabel: boolean): string => {
  if (typeof value !== "number") return value ?? "";
  return blank && !isLabel ? "" : value.toLocaleString("en-US");
};

const render = (name: string): string | undefined => {
  const file = join(root, "dist/bench", `${name}.json`);
  if (!existsSync(file)) return undefined;
  const { at, node, machine, rows } = JSON.parse(readFileSync(file, "utf8")) as Report;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  // What a row is called ends with the last column of text; figures follow.
  const labels = columns.findLastIndex((column) =>
    rows.some((row) => typeof row[column] === "string" && row[column] !== ""),
  );
  const made = table(
    columns,
    rows.map((row) => columns.map((column, n) => shown(row[column], n <= labels))),
  );
  const when = new Date(at).toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" });
  const where = `${when}, ${machine.cores} shared cores of an ${machine.cpu.replaceAll("(R)", "")}, Node ${node.slice(1)}.`;
  return `${made}\n\n${blank ? "Not measured yet." : where}`;
};

for (const page of globSync(["README.md", "docs/*.md"], { cwd: root })) {
  const text = readFileSync(join(root, page), "utf8");
  const filled = text.replace(
    /^(<!-- measured:([\w-]+) -->\n)[\s\S]*?^(<!-- \/measured -->)$/gm,
    (whole, open: string, name: string, close: string) => {
      const made = render(name);
      console.log(`${page}: ${name} ${made === undefined ? "has no result: npm run bench" : "written"}`);
      return made === undefined ? whole : `${open}${made}\n${close}`;
    },
  );
  if (filled !== text) writeFileSync(join(root, page), filled);
}
