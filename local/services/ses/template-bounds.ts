// The parser of Handlebars takes the square of how deep a template nests, and more: 16 s for 48 KB of `{{#a}}`. What nobody
// writes is refused before it is parsed, in one pass.

/** Blocks within blocks, links of an `else if` chain included, and expressions within expressions. */
const DEEPEST = 100;
/** Characters between `{{` and `}}`. */
const LONGEST = 10_000;

interface Tag {
  readonly text: string;
  readonly end: number;
}

const tagAt = (text: string, open: number): Tag | undefined => {
  const comment = /^\{\{~?!--/.test(text.slice(open, open + 6));
  const end = text.indexOf(comment ? "--" : "}}", open + (comment ? 6 : 2));
  if (end < 0 || (!comment && end - open > LONGEST)) return undefined;
  return { text: comment ? "" : text.slice(open + 2, end), end: end + 2 };
};

const parenDepth = (tag: string): number => {
  let [depth, most] = [0, 0];
  for (const char of tag) {
    if (char === "(") most = Math.max(most, ++depth);
    else if (char === ")") depth--;
  }
  return most;
};

const kindOf = (tag: string): "open" | "else" | "close" | "text" => {
  if (/^#|^\^\s*[^\s~}]/.test(tag)) return "open";
  if (/^else\s+[^\s~}]/.test(tag)) return "else";
  return tag.startsWith("/") ? "close" : "text";
};

/** Why a text is too deep or too long to be a template; undefined when it may be parsed. */
export const tooDeep = (text: string): string | undefined => {
  /** For each open block, itself and its `else if`s. */
  const blocks: number[] = [];
  let depth = 0;
  for (let open = text.indexOf("{{"); open >= 0; ) {
    if (text.startsWith("{{{{", open)) return "raw blocks are not supported.";
    const escaped = text[open - 1] === "\\";
    const tag = escaped ? { text: "", end: open + 2 } : tagAt(text, open);
    if (!tag) return "an expression is not closed.";
    const inner = tag.text.replace(/^[{~]+/, "");
    if (parenDepth(inner) > DEEPEST) return "expressions nest too deeply.";
    const kind = kindOf(inner);
    if (kind === "open") blocks.push(1);
    if (kind === "else") blocks.push((blocks.pop() ?? 0) + 1);
    depth += kind === "close" ? -(blocks.pop() ?? 0) : kind === "text" ? 0 : 1;
    if (depth > DEEPEST) return "blocks nest too deeply.";
    open = text.indexOf("{{", tag.end);
  }
  return undefined;
};
