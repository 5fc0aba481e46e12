import { AsyncLocalStorage } from "node:async_hooks";
import { SourceMap } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { getCallSites } from "node:util";
import type { Bundle } from "./bundle.ts";

/** Where in the app a resource was declared or a mistake was made, as `stacks/orders.ts:24`. */
export interface Sources {
  /** The line being run now, or the line that set the current callback going. */
  here(): string | undefined;
  /** The nearest line of the app in an error's stack, else the line whose callback failed. */
  ofError(error: unknown): string | undefined;
  /** Makes `Output.apply` remember who called it. */
  follow(output: { prototype: object }): void;
}

interface Applicable {
  apply(callback: (value: unknown) => unknown, unknowns?: boolean): unknown;
}

/** Finds the line of the app that a position in its bundle came from. */
const createLocator = (root: string, bundle: Bundle) => {
  const map = new SourceMap(JSON.parse(bundle.map));
  const known = new Map<string, string | undefined>();
  const lookUp = (line: number, column: number): string | undefined => {
    const entry = map.findEntry(line - 1, column - 1);
    if (!("originalSource" in entry) || !entry.originalSource) return undefined;
    const path = relative(root, resolve(dirname(bundle.file), entry.originalSource));
    const foreign = path.includes("node_modules") || path.startsWith("..");
    return foreign ? undefined : `${path}:${entry.originalLine + 1}`;
  };
  return (line: number, column: number): string | undefined => {
    const key = `${line}:${column}`;
    if (!known.has(key)) known.set(key, lookUp(line, column));
    return known.get(key);
  };
};

/** Reads positions in the app's bundle through its source map. */
export const createSources = (root: string, bundle: Bundle): Sources => {
  const url = pathToFileURL(bundle.file).href;
  const locate = createLocator(root, bundle);
  const context = new AsyncLocalStorage<string>();
  const failed = new WeakMap<object, string>();

  const here = (): string | undefined => {
    const lines = getCallSites(200, { sourceMap: false })
      .filter((site) => site.scriptName === url)
      .map((site) => locate(site.lineNumber, site.columnNumber))
      .filter((line) => line !== undefined);
    // A helper that makes functions for many stacks says little: the outermost frame within a stack says which one asked.
    return lines.findLast((line) => !line.startsWith("sst.config.ts:")) ?? lines[0] ?? context.getStore();
  };

  const ofError = (error: unknown): string | undefined => {
    const stack = error instanceof Error ? (error.stack ?? "") : "";
    for (const frame of stack.split("\n")) {
      const at = frame.indexOf(url);
      const position = at < 0 ? undefined : /^:(\d+):(\d+)/.exec(frame.slice(at + url.length));
      const line = position && locate(Number(position[1]), Number(position[2]));
      if (line) return line;
    }
    return typeof error === "object" && error ? failed.get(error) : undefined;
  };

  const note = (error: unknown, line: string | undefined): void => {
    if (line && typeof error === "object" && error && !failed.has(error)) failed.set(error, line);
  };
  return { here, ofError, follow: (output) => follow(output, here, context, note) };
};

const follow = (
  output: { prototype: object },
  here: () => string | undefined,
  context: AsyncLocalStorage<string>,
  note: (error: unknown, line: string | undefined) => void,
): void => {
  const prototype = output.prototype as Applicable;
  const apply = prototype.apply;
  const run = (line: string | undefined, callback: (value: unknown) => unknown, value: unknown): unknown => {
    try {
      const result = line ? context.run(line, callback, value) : callback(value);
      if (result instanceof Promise) result.catch((error: unknown) => note(error, line));
      return result;
    } catch (error) {
      note(error, line);
      throw error;
    }
  };
  prototype.apply = function (callback, unknowns) {
    // Property reads of an Output come as `apply` with `unknowns` set: thousands of them, none the app's.
    if (unknowns) return apply.call(this, callback, unknowns);
    const line = here();
    return apply.call(this, (value: unknown) => run(line, callback, value), unknowns);
  };
};
