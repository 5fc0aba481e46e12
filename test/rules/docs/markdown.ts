import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** The text of a page without its fenced code, in which nothing is a link or a heading. */
const prose = (text: string): string => text.replace(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1\s*$/gm, "");

/** A heading's anchor, as GitHub makes it: lower case, punctuation dropped, spaces to hyphens. */
const slug = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
    .replaceAll(" ", "-");

/** Anchors of a page: its headings (a repeated one numbered), and what HTML names. */
export const anchorsOf = (text: string): Set<string> => {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  for (const [, heading = ""] of prose(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const name = slug(heading);
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    anchors.add(times === 0 ? name : `${name}-${times}`);
  }
  for (const [, name = ""] of text.matchAll(/<[a-z]+ (?:id|name)="([^"]+)"/g)) anchors.add(name);
  return anchors;
};

const LINK = /!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const HTML = /<(?:a|img|source)\b[^>]*?(?:href|src|srcset)="([^"]+)"/g;
const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** Links of a page to this repository that lead nowhere: `page → target: why`. */
export const brokenLinks = (root: string, page: string, text: string): string[] => {
  const targets = [LINK, HTML].flatMap((pattern) =>
    [
      ...prose(text)
        .replace(/`[^`\n]*`/g, "")
        .matchAll(pattern),
    ].map(([, target = ""]) => target),
  );
  return targets
    .filter((target) => !ELSEWHERE.test(target))
    .flatMap((target) => {
      const why = objection(root, page, text, decodeURI(target));
      return why === undefined ? [] : [`${page} → ${target}: ${why}`];
    });
};

const objection = (root: string, page: string, text: string, target: string): string | undefined => {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : normalize(join(dirname(page), path));
  if (path.startsWith("/") || file.startsWith("..")) return "leads out of the repository";
  if (path !== "" && !existsSync(join(root, file))) return "no such file";
  if (anchor === undefined) return undefined;
  if (path !== "" && (!file.endsWith(".md") || statSync(join(root, file)).isDirectory()))
    return "only pages have anchors";
  const other = file === page ? text : readFileSync(join(root, file), "utf8");
  return anchorsOf(other).has(anchor) ? undefined : "no such heading";
};

const ROOMS = "bench|core|demo|docs|functions|local|stacks|test|web";
const PATH = new RegExp(`^(?:${ROOMS})/[\\w./{},*-]+$`);

/** Paths named in code spans of a page that do not exist. Placeholders (`<noun>`, `*`, `{a,b}`) are not paths. */
export const missingPaths = (root: string, page: string, text: string): string[] =>
  [...prose(text).matchAll(/`([^`\n]+)`/g)]
    .map(([, span = ""]) => span.replace(/:\d+$/, ""))
    .filter((span) => PATH.test(span) && !/[*{}]/.test(span))
    .filter((span) => /\.\w+$|\/$/.test(span) && !existsSync(join(root, span)))
    .map((span) => `${page} names ${relative(root, join(root, span))}`);

/** npm scripts named anywhere in a page, code blocks too, that `package.json` does not have. */
export const missingScripts = (scripts: Readonly<Record<string, string>>, page: string, text: string) =>
  [...text.matchAll(/\bnpm run ([\w:-]+)/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !Object.hasOwn(scripts, name))
    .map((name) => `${page} runs ${name}`);

const BLOCK = /(<!-- generated:([\w-]+) -->\n)([\s\S]*?)(<!-- \/generated -->)/g;

/** A page with every generated block rendered anew; throws for a block nobody makes. */
export const regenerate = (text: string, render: (name: string) => string): string =>
  text.replace(
    BLOCK,
    (_, open: string, name: string, __, close: string) => `${open}${render(name)}\n${close}`,
  );

/** Names of the blocks on a page. */
export const blocksOf = (text: string): string[] => [...text.matchAll(BLOCK)].map(([, , name = ""]) => name);

/** A Markdown table. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
