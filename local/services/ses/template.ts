import { parse } from "@handlebars/parser";
import { tooDeep } from "./template-bounds.ts";
import type { Program } from "./template-nodes.ts";
import { evaluate } from "./template-scope.ts";

/** A template that cannot be read. */
export class InvalidTemplate extends Error {
  override readonly name = "InvalidTemplate";
}

/** SES's own limit of a template, bytes of all its parts. */
export const TEMPLATE_BYTES = 500 * 1024;

/** Parsed templates by their text: a bulk send renders one template for each of its entries. */
const parsed = new Map<string, Program>();
const MOST_PARSED = 200;

const programOf = (text: string): Program => {
  const known = parsed.get(text);
  if (known) return known;
  const deep = tooDeep(text);
  if (deep !== undefined) throw new InvalidTemplate(`Template is not valid: ${deep}`);
  let program: Program;
  try {
    program = parse(text) as unknown as Program;
  } catch (error) {
    const [line = ""] = String(error instanceof Error ? error.message : error).split("\n");
    throw new InvalidTemplate(`Template is not valid: ${line.slice(0, 200)}`);
  }
  parsed.set(text, program);
  const [oldest] = parsed.keys();
  if (parsed.size > MOST_PARSED && oldest !== undefined) parsed.delete(oldest);
  return program;
};

/** Throws `InvalidTemplate` when the text is none. */
export const checkTemplate = (text: string): void => void programOf(text);

/** Renders a template with data. Nothing is escaped, as in SES, and nothing of the template is ever run as code. */
export const render = (text: string, data: unknown): string => evaluate(programOf(text), data);
