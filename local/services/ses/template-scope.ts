import {
  type Block,
  type Call,
  expression,
  helper,
  lookUp,
  type Node,
  type Path,
  type Program,
  RenderingFailure,
  type Scope,
  written,
} from "./template-nodes.ts";

// Evaluates Handlebars' syntax tree itself: the compiler of Handlebars writes functions, which a template must never do.

/** What one rendering may take: a loop within loops must end. */
const MOST_STEPS = 1_000_000;
const MOST_BYTES = 40 * 1024 * 1024;
const MOST_PARTIALS = 50;

/** Renders a tree with data. */
export const evaluate = (program: Program, value: unknown): string => {
  const budget = { steps: MOST_STEPS, bytes: MOST_BYTES, depth: 0 };
  const scope = { value, data: { root: value }, names: new Map(), partials: new Map(), budget };
  try {
    return run(program, scope);
  } catch (error) {
    // Expressions within expressions have no bound of their own but the stack.
    if (error instanceof RangeError) throw new RenderingFailure("The template nests too deeply.");
    throw error;
  }
};

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
  const text = output(node, scope);
  scope.budget.bytes -= text.length;
  if (scope.budget.bytes < 0) throw new RenderingFailure("The rendered template is too large.");
  return text;
};

const output = (node: Node, scope: Scope): string => {
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
  return written(value);
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
