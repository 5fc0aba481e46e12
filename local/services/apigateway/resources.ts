import { decode } from "../../front/exchange.ts";

/** One resource of a REST API's tree, with the methods it has. */
export interface ResourceNode<M> {
  readonly id: string;
  /** As API Gateway writes it: `/links/{hash}`. */
  readonly path: string;
  readonly statics: Map<string, ResourceNode<M>>;
  /** API Gateway allows one variable child per resource: `{name}` or `{name+}`. */
  variable?: { readonly name: string; readonly greedy: boolean; readonly node: ResourceNode<M> };
  readonly methods: Map<string, M>;
}

/** A path part as declared, under its parent. */
export interface ResourcePart {
  readonly id: string;
  readonly parentId: string;
  readonly pathPart: string;
}

/** Where a path led. Parameters keep their percent-encoding, as the real proxy event does. */
export interface Match<M> {
  readonly node: ResourceNode<M>;
  readonly params: Readonly<Record<string, string>> | null;
}

const emptyNode = <M>(id: string, path: string): ResourceNode<M> => ({
  id,
  path,
  statics: new Map(),
  methods: new Map(),
});

/** Builds the tree from its parts, which may come in any order. */
export const buildTree = <M>(
  rootId: string,
  parts: readonly ResourcePart[],
): Map<string, ResourceNode<M>> => {
  const root = emptyNode<M>(rootId, "/");
  const nodes = new Map([[rootId, root]]);
  const pending = new Set(parts);
  for (let grew = true; grew; ) {
    grew = false;
    for (const part of pending) {
      const parent = nodes.get(part.parentId);
      if (!parent) continue;
      const path = `${parent.path === "/" ? "" : parent.path}/${part.pathPart}`;
      const node = emptyNode<M>(part.id, path);
      nodes.set(part.id, node);
      attach(parent, part.pathPart, node);
      pending.delete(part);
      grew = true;
    }
  }
  return nodes;
};

const attach = <M>(parent: ResourceNode<M>, part: string, node: ResourceNode<M>) => {
  const variable = /^\{([^}+]+)(\+?)\}$/.exec(part);
  if (variable?.[1]) parent.variable = { name: variable[1], greedy: variable[2] === "+", node };
  else parent.statics.set(part, node);
};

const step = <M>(node: ResourceNode<M>, segment: string): ResourceNode<M> | undefined =>
  node.statics.get(segment) ?? (segment.includes("%") ? node.statics.get(decode(segment)) : undefined);

/**
 * Finds the resource a path names: a static part before `{param}` before `{param+}`, level by level. A static part takes its
 * whole subtree away from a variable beside it ("sibling resources are excluded from the representation of the proxy
 * resource", API Gateway developer guide, "Set up a proxy integration"), so nothing backtracks. A trailing slash is ignored.
 */
export const matchPath = <M>(root: ResourceNode<M>, path: string): Match<M> | undefined => {
  const trimmed = path.replace(/^\/+/, "").replace(/\/+$/, "");
  if (trimmed === "") return { node: root, params: null };
  const segments = trimmed.split("/");
  let node = root;
  let params: Record<string, string> | null = null;
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] ?? "";
    const fixed = step(node, segment);
    if (fixed) {
      node = fixed;
      continue;
    }
    const variable = node.variable;
    if (!variable || (segment === "" && !variable.greedy)) return undefined;
    params ??= {};
    params[variable.name] = variable.greedy ? segments.slice(i).join("/") : segment;
    node = variable.node;
    if (variable.greedy) break;
  }
  return { node, params };
};
