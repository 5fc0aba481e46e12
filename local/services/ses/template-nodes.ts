// What a template's syntax tree is made of, and how its expressions are valued.

/** Data a template names and was not given, or what it asks for and SES does not have. */
export class RenderingFailure extends Error {
  override readonly name = "RenderingFailure";
  readonly missing: boolean;

  constructor(message: string, missing = false) {
    super(message);
    this.missing = missing;
  }
}

/** A node of the tree, as far as it is read here. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A list of statements. */
export interface Program {
  readonly body: readonly Node[];
  readonly blockParams?: readonly string[];
}

/** A path: `a.b`, `../a`, `@index`. */
export interface Path {
  readonly type: string;
  readonly data: boolean;
  readonly depth: number;
  readonly parts: readonly string[];
  readonly original: string;
}

/** A helper's call, or a path alone. */
export interface Call {
  readonly path: Path;
  readonly params: readonly Node[];
  readonly hash?: { readonly pairs: readonly { readonly key: string; readonly value: Node }[] };
}

/** A block, with what stands in it and after its `else`. */
export interface Block extends Call {
  readonly program?: Program;
  readonly inverse?: Program;
}

/** Where an evaluation stands. */
export interface Scope {
  readonly value: unknown;
  readonly parent?: Scope;
  /** `@index`, `@key`, `@first`, `@last`, `@root`. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly names: ReadonlyMap<string, unknown>;
  readonly partials: ReadonlyMap<string, Program>;
  readonly budget: { steps: number; bytes: number; depth: number };
}

/** A value, or that there is none. */
export interface Found {
  readonly found: boolean;
  readonly value?: unknown;
}

const step = ({ found, value }: Found, part: string): Found => {
  if (!found || value === null || value === undefined) return { found: false };
  // Own properties only: a template sees data, never what JavaScript puts behind it.
  if (typeof value === "object" && Object.hasOwn(value, part))
    return { found: true, value: (value as Record<string, unknown>)[part] };
  return { found: false };
};

/** The value a path leads to. */
export const lookUp = (path: Path, scope: Scope): Found => {
  const [head = "", ...tail] = path.parts;
  if (path.data) return tail.reduce(step, step({ found: true, value: scope.data }, head));
  if (path.depth === 0 && scope.names.has(head))
    return tail.reduce(step, { found: true, value: scope.names.get(head) });
  let at: Scope | undefined = scope;
  for (let up = 0; up < path.depth; up++) at = at?.parent;
  return path.parts.reduce(step, { found: at !== undefined, value: at?.value });
};

/** The value of an expression. */
export const expression = (node: Node, scope: Scope): Found => {
  if (node.type === "PathExpression") return lookUp(node as unknown as Path, scope);
  if (node.type === "SubExpression") return helper(node as unknown as Call, scope);
  if (node.type === "NullLiteral" || node.type === "UndefinedLiteral") return { found: true, value: null };
  if ("value" in node) return { found: true, value: node.value };
  throw new RenderingFailure(`Template holds what SES does not render: ${node.type}`);
};

/** The value of a helper's call: SES has but those of Handlebars itself. */
export const helper = ({ path, params }: Call, scope: Scope): Found => {
  const [first, second] = params;
  if (path.original === "lookup" && first && second)
    return step(expression(first, scope), String(expression(second, scope).value));
  if (path.original === "log") return { found: true, value: "" };
  throw new RenderingFailure(`Could not find helper: '${path.original}'`);
};

/** A value as it is written. Never by its own `toString`: data may hold one that is none. */
export const written = (value: unknown, depth = 0): string => {
  if (typeof value !== "object" || value === null) return String(value ?? "");
  if (!Array.isArray(value) || depth > MOST_LISTS) return "[object Object]";
  return value.map((item) => written(item, depth + 1)).join(",");
};

/** Lists within lists that are written out. */
const MOST_LISTS = 10;
