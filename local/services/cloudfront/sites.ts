import { readdirSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { fields, list, text, texts } from "../../front/read.ts";
import type { Graph, Resource } from "../../graph/graph.ts";

/** A static site: files of a build folder, under a prefix of a bucket. */
export interface Site {
  /** The component's name. */
  readonly name: string;
  readonly bucketDomain: string;
  /** KeyValueStore namespace of its entries. */
  readonly namespace: string;
  /** The build folder; undefined when the graph has no file to tell it by. */
  readonly root?: string;
  /** What keys in the bucket begin with, without slashes at its ends. */
  readonly prefix: string;
  /** Key → headers, as uploaded. */
  readonly uploads: ReadonlyMap<string, { readonly contentType?: string; readonly cacheControl?: string }>;
  exists(): boolean;
  /** What the site's key-value entries would be if it were deployed now. */
  keys(): ReadonlySet<string>;
  metadata(): string;
}

/** SST looks into these folders and lists their files; other folders become routes. */
const EXPANDED = new Set([".well-known"]);
const FRESH_MS = 200;

const scan = (root: string): { keys: Set<string>; folders: string[] } => {
  const keys = new Set<string>();
  const folders: string[] = [];
  const walk = (folder: string, level: number) => {
    for (const item of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join("/", folder, item.name);
      if (item.isFile()) keys.add(path);
      else if (level === 0 && EXPANDED.has(item.name)) walk(path, 1);
      else folders.push(path);
    }
  };
  walk("", 0);
  return { keys, folders };
};

/** Reads the folder at most every 200 ms: a page asks for many files at once. */
const watch = (root: string) => {
  let at = Number.NEGATIVE_INFINITY;
  let seen: ReturnType<typeof scan> | undefined;
  return (): ReturnType<typeof scan> | undefined => {
    const now = performance.now();
    if (now - at < FRESH_MS) return seen;
    at = now;
    try {
      seen = scan(root);
    } catch {
      seen = undefined;
    }
    return seen;
  };
};

const rootOf = (files: readonly Resource["inputs"][], prefix: string): string | undefined => {
  for (const file of files) {
    const source = text(file.source);
    const key = text(file.key);
    const relative = key && prefix !== "" ? key.slice(prefix.length + 1) : key;
    if (source && relative && source.endsWith(`/${relative}`)) return source.slice(0, -relative.length - 1);
  }
  return undefined;
};

const readSite = (graph: Graph, keys: Resource, files: Resource, appRoot: string): Site => {
  const metadata = fields(JSON.parse(String(fields(keys.inputs.entries).metadata)));
  const s3 = fields(metadata.s3);
  const prefix = `${text(s3.dir) ?? ""}${text(metadata.base) ?? ""}`.replace(/^\/+|\/+$/g, "");
  const uploaded = list(files.inputs.files).map(fields);
  const component = graph.resources.find((r) => r.urn === files.parent);
  // The graph is made without a build: it names the folder, relative to the app, rather than list the files.
  const output = text(component?.outputs.outputPath);
  const root = output === undefined ? rootOf(uploaded, prefix) : resolve(appRoot, output);
  const look = root === undefined ? () => undefined : watch(root);
  return {
    name: component?.name ?? files.name.replace(/AssetFiles.*$/, ""),
    bucketDomain: text(s3.domain) ?? "",
    namespace: text(keys.inputs.namespace) ?? "",
    ...(root === undefined ? {} : { root }),
    prefix,
    uploads: new Map(
      uploaded.map((file) => {
        const contentType = text(file.contentType);
        const cacheControl = text(file.cacheControl);
        const headers = {
          ...(contentType ? { contentType } : {}),
          ...(cacheControl ? { cacheControl } : {}),
        };
        return [String(file.key), headers];
      }),
    ),
    exists: () => look() !== undefined,
    keys: () => look()?.keys ?? new Set(),
    metadata() {
      const routes = [...new Set([...texts(s3.routes), ...(look()?.folders ?? [])])];
      return JSON.stringify({ ...metadata, s3: { ...s3, routes } });
    },
  };
};

const hasSiteMetadata = (resource: Resource): boolean => {
  const raw = text(fields(resource.inputs.entries).metadata);
  if (!raw || !text(resource.inputs.namespace)) return false;
  try {
    const metadata = fields(JSON.parse(raw));
    // A site with servers lists its assets from several folders: its entries are taken as they stand.
    return metadata.s3 !== undefined && metadata.servers === undefined;
  } catch {
    return false;
  }
};

/** The static sites of the graph: a component's uploaded files beside its key-value entries. */
export const readSites = (graph: Graph, appRoot: string): Site[] =>
  graph.resources.filter(hasSiteMetadata).flatMap((keys) => {
    const files = graph.resources.find(
      (r) =>
        r.parent === keys.parent &&
        r.parent !== undefined &&
        Array.isArray(r.inputs.files) &&
        r.inputs.bucketName,
    );
    return files ? [readSite(graph, keys, files, appRoot)] : [];
  });
