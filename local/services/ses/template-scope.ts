// Evaluates Handlebars' syntax tree itself: the compiler of Handlebars writes functions, which a template must never do.

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

interface Path {
  readonly type: string;
  readonly data: boolean;
  readonly depth: number;
  readonly parts: readonly string[];
  readonly original: string;
}

interface Call {
  readonly path: Path;
  readonly params: readonly Node[];
  readonly hash?: { readonly pairs: readonly { readonly key: string; readonly value: Node }[] };
}

interface Block extends Call {
  readonly program?: Program;
  readonly inverse?: Program;
}

interface Scope {
  readonly value: unknown;
  readonly parent?: Scope;
  /** `@index`, `@key`, `@first`, `@last`, `@root`. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly names: ReadonlyMap<string, unknown>;
  readonly partials: ReadonlyMap<string, Program>;
  readonly budget: { steps: number; bytes: number; depth: number };
}

/** What one rendering may take: a loop within loops must end. */
const MOST_STEPS = 1_000_000;
const MOST_BYTES = 40 * 1024 * 1024;
const MOST_PARTIALS = 50;

/** Renders a tree with data. */
export const evaluate = (program: Program, value: unknown): string =>
  run(program, {
    value,
    data: { root: value },
    names: new Map(),
    partials: new Map(),
    budget: { steps: MOST_STEPS, bytes: MOST_BYTES, depth: 0 },
  });

const run = (program: Program | undefined, scope: Scope): string => {
  if (!program) return "";
  const inner = withPartials(program, scope);
  return program.body.map((node) => statement(node, inner)).join("");
};

// Inline partials are known in the whole of the block that states them.
const withPartials = (program: Program, scope: Scope): Scope => {
  const stated = program.body.filter((node) => node.type === "DecoratorBlock");
  if (stated.length === 0) return scope;
  const partials = new Map(scope.partials);
  for (const node of stated) {
    const { path, params, program: body } = node as unknown as Block;
    const [name] = params;
    if (path.original !== "inline" || !name || !body)
      throw new RenderingFailure(`Could not find decorator: '${path.original}'`);
    partials.set(String(expression(name, scope).value), body);
  }
  return { ...scope, partials };
};

const statement = (node: Node, scope: Scope): string => {
  if (--scope.budget.steps < 0) throw new RenderingFailure("The template takes too many steps to render.");
  const text = written(node, scope);
  scope.budget.bytes -= text.length;
  if (scope.budget.bytes < 0) throw new RenderingFailure("The rendered template is too large.");
  return text;
};

const written = (node: Node, scope: Scope): string => {
  switch (node.type) {
    case "ContentStatement":
      return String(node.value);
    case "CommentStatement":
    case "DecoratorBlock":
      return "";
    case "MustacheStatement":
      return mustache(node as unknown as Call, scope);
    case "BlockStatement":
      return block(node as unknown as Block, scope);
    case "PartialStatement":
    case "PartialBlockStatement":
      return partial(node, scope);
    default:
      throw new RenderingFailure(`Template holds what SES does not render: ${node.type}`);
  }
};

interface Found {
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

const lookUp = (path: Path, scope: Scope): Found => {
  const [head = "", ...tail] = path.parts;
  if (path.data) return tail.reduce(step, step({ found: true, value: scope.data }, head));
  if (path.depth === 0 && scope.names.has(head))
    return tail.reduce(step, { found: true, value: scope.names.get(head) });
  let at: Scope | undefined = scope;
  for (let up = 0; up < path.depth; up++) at = at?.parent;
  return path.parts.reduce(step, { found: at !== undefined, value: at?.value });
};

const expression = (node: Node, scope: Scope): Found => {
  if (node.type === "PathExpression") return lookUp(node as unknown as Path, scope);
  if (node.type === "SubExpression") return helper(node as unknown as Call, scope);
  if (node.type === "NullLiteral" || node.type === "UndefinedLiteral") return { found: true, value: null };
  if ("value" in node) return { found: true, value: node.value };
  throw new RenderingFailure(`Template holds what SES does not render: ${node.type}`);
};

const helper = ({ path, params }: Call, scope: Scope): Found => {
  const [first, second] = params;
  if (path.original === "lookup" && first && second)
    return step(expression(first, scope), String(expression(second, scope).value));
  if (path.original === "log") return { found: true, value: "" };
  throw new RenderingFailure(`Could not find helper: '${path.original}'`);
};

const mustache = (call: Call, scope: Scope): string => {
  const { path, params } = call;
  const { found, value } =
    path.type !== "PathExpression"
      ? expression(path as unknown as Node, scope)
      : params.length > 0
        ? helper(call, scope)
        : lookUp(path, scope);
  if (!found || value === null || value === undefined)
    throw new RenderingFailure(`Attribute '${path.original}' is not present in the rendering data.`, true);
  return String(value);
};

const isEmpty = (value: unknown): boolean => !value || (Array.isArray(value) && value.length === 0);

const block = (call: Block, scope: Scope): string => {
  const { path, params, program, inverse } = call;
  const [first] = params;
  const { value } = first ? expression(first, scope) : lookUp(path, scope);
  if (!first) return section(call, value, scope);
  switch (path.original) {
    case "if":
      return run(isEmpty(value) ? inverse : program, scope);
    case "unless":
      return run(isEmpty(value) ? program : inverse, scope);
    case "with":
      return isEmpty(value) ? run(inverse, scope) : run(program, enter(scope, value, program, [value]));
    case "each":
      return each(call, value, scope);
    default:
      throw new RenderingFailure(`Could not find helper: '${path.original}'`);
  }
};

// `{{#items}}…{{/items}}`: a loop over a list, a condition over anything else.
const section = (call: Block, value: unknown, scope: Scope): string => {
  if (Array.isArray(value) && value.length > 0) return each(call, value, scope);
  if (isEmpty(value)) return run(call.inverse, scope);
  return run(call.program, value === true ? scope : enter(scope, value, call.program, [value]));
};

const each = ({ program, inverse }: Block, value: unknown, scope: Scope): string => {
  const items = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (items.length === 0) return run(inverse, scope);
  return items
    .map(([name, item], index) => {
      const key = Array.isArray(value) ? index : name;
      const data = { index, key, first: index === 0, last: index === items.length - 1 };
      return run(program, enter(scope, item, program, [item, key], data));
    })
    .join("");
};

const enter = (
  scope: Scope,
  value: unknown,
  program: Program | undefined,
  given: readonly unknown[],
  data: Readonly<Record<string, unknown>> = {},
): Scope => {
  const named = (program?.blockParams ?? []).map((name, i): [string, unknown] => [name, given[i]]);
  return {
    ...scope,
    value,
    parent: scope,
    data: { ...scope.data, ...data },
    names: named.length > 0 ? new Map([...scope.names, ...named]) : scope.names,
  };
};

const partial = (node: Node, scope: Scope): string => {
  const { name, params, hash, program } = node as unknown as Block & { readonly name: Path & Node };
  const known = scope.partials.get(name.original ?? "");
  const body = known ?? program;
  if (!body) throw new RenderingFailure(`The partial '${name.original}' could not be found.`);
  if (++scope.budget.depth > MOST_PARTIALS) throw new RenderingFailure("Partials nest too deeply.");
  const [context] = params;
  const own = context ? expression(context, scope).value : scope.value;
  const pairs = (hash?.pairs ?? []).map(({ key, value }) => [key, expression(value, scope).value]);
  const value =
    pairs.length > 0
      ? { ...(typeof own === "object" ? (own as object) : {}), ...Object.fromEntries(pairs) }
      : own;
  const partials =
    program && known ? new Map([...scope.partials, ["@partial-block", program]]) : scope.partials;
  const text = run(body, { ...scope, value, partials });
  scope.budget.depth--;
  return text;
};
